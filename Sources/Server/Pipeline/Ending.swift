import Synchronization

/// Whether the time for what runs is up. A task that is cancelled does not tell: somebody may have cancelled its run alone.
final class Ending: Sendable {
    private let state = Atomic(false)

    var hasBegun: Bool { state.load(ordering: .relaxed) }

    func begin() { state.store(true, ordering: .relaxed) }
}
