import Synchronization

/// Tells whoever comes later that a run was cancelled: a child that is being started cannot be found to be stopped.
final class StopRequest: Sendable {
    private let state = Atomic(false)

    func make() { state.store(true, ordering: .relaxed) }

    var wasMade: Bool { state.load(ordering: .relaxed) }
}
