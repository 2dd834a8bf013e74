import Basics
import Synchronization

/// Who uses a project's files now, and when somebody did last: what nobody uses may be removed to make room.
final class Usage: Sendable {
    private struct State: Sendable {
        var users = 0
        var last = ContinuousClock.now
        /// Set while the files are being removed.
        var closed: Landing<Void>?
    }

    private let state = Mutex(State())

    /// When somebody used it last.
    var last: ContinuousClock.Instant { state.withLock { $0.users > 0 ? .now : $0.last } }

    var isInUse: Bool { state.withLock { $0.users > 0 } }

    /// Waits until nothing is being removed. Each call needs a ``leave()``.
    func enter(until deadline: Deadline) async throws {
        while true {
            let closed = state.withLock { state in
                if state.closed == nil { state.users += 1 }
                return state.closed
            }
            guard let closed else { return }
            try await closed.value(until: deadline)
        }
    }

    func leave() {
        state.withLock { state in
            state.users -= 1
            state.last = .now
        }
    }

    /// Keeps users out if there is none now; needs a ``reopen()`` then.
    func close() -> Bool {
        state.withLock { state in
            guard state.users == 0, state.closed == nil else { return false }
            state.closed = Landing()
            return true
        }
    }

    func reopen() { state.withLock { $0.closed.take() }?.land(.success(())) }
}
