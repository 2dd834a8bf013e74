import Synchronization

/// Ends one run from outside, at any time: before it begins, while it waits or while it runs.
final class RunStop: Sendable {
    private struct State {
        var isRequested = false
        var action: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    /// Whether somebody wants the run to end; a service that ends is something else.
    var isRequested: Bool { state.withLock { $0.isRequested } }

    func request() {
        let action = state.withLock { state in
            state.isRequested = true
            return state.action
        }
        action?()
    }

    /// What ends the run; called at once if that was asked for already.
    func onRequest(_ action: @escaping @Sendable () -> Void) {
        let isRequested = state.withLock { state in
            state.action = action
            return state.isRequested
        }
        if isRequested { action() }
    }
}
