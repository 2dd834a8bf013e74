import Synchronization

/// The events that this service sent, by their ids: what comes back of them must not run for ever.
///
/// Answers run nothing. Follow-ups may run scripts again, and each knows how deep its chain is.
final class SentEvents: Sendable {
    /// The longest chain of follow-ups, each sent by a script that ran for the one before.
    static let depthLimit = 8

    enum Kind: Sendable, Hashable {
        case answer
        case followUp(depth: Int)
    }

    private let kinds = Mutex(BoundedMemory<String, Kind>(capacity: 40_000))

    func record(_ id: String, as kind: Kind) { kinds.withLock { $0[id] = kind } }

    /// What the event of that id was when this service sent it; nil for one that somebody else made.
    subscript(id: String) -> Kind? { kinds.withLock { $0[id] } }
}
