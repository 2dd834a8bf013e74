import Synchronization

/// Counts what waits, and keeps it within its limits.
final class WaitingRoom: Sendable {
    struct Limits: Sendable, Hashable {
        /// Events, and answers that the receiver does not take.
        var count: Int
        /// Of events, what they take in memory.
        var bytes: Int
    }

    private struct Waiting {
        var count = 0
        var bytes = 0
    }

    let limits: Limits
    /// How many answers wait.
    private let backlog: @Sendable () -> Int
    private let waiting = Mutex(Waiting())

    init(_ limits: Limits, backlog: @escaping @Sendable () -> Int = { 0 }) {
        self.limits = limits
        self.backlog = backlog
    }

    var count: Int { waiting.withLock { $0.count } }

    /// Makes room for all or for none.
    func enter(count: Int, bytes: Int) throws(InboxError) {
        let backlog = backlog()
        try waiting.withLock { waiting throws(InboxError) in
            guard waiting.count + count + backlog <= limits.count else { throw .full(limit: limits.count) }
            // One event has room in any case, else nobody could send it ever.
            guard waiting.count == 0 || waiting.bytes + bytes <= limits.bytes else { throw .fullOfBytes(limit: limits.bytes) }
            waiting.count += count
            waiting.bytes += bytes
        }
    }

    /// What waited before a restart waits, whatever the limits are now.
    func restore(bytes: Int) {
        waiting.withLock { waiting in
            waiting.count += 1
            waiting.bytes += bytes
        }
    }

    func leave(count: Int = 1, bytes: Int) {
        waiting.withLock { waiting in
            waiting.count -= count
            waiting.bytes -= bytes
        }
    }
}
