import Synchronization

/// Lets at most `limit` runs go at once. The rest waits in order of arrival, urgent ones first; a waiter costs no thread.
final class Scheduler: Sendable {
    /// A place in the queue: smaller goes first.
    struct Priority: Sendable, Hashable, Comparable {
        let isUrgent: Bool
        let sequence: UInt64

        init(isUrgent: Bool, sequence: UInt64) {
            self.isUrgent = isUrgent
            self.sequence = sequence
        }

        static func < (left: Priority, right: Priority) -> Bool {
            left.isUrgent == right.isUrgent ? left.sequence < right.sequence : left.isUrgent
        }
    }

    private struct Waiter {
        let priority: Priority
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var free: Int
        /// Sorted by priority, the last one goes first.
        var waiters: [Waiter] = []

        mutating func insert(_ waiter: Waiter) {
            var low = 0
            var high = waiters.count
            while low < high {
                let middle = (low + high) / 2
                if waiters[middle].priority < waiter.priority { high = middle } else { low = middle + 1 }
            }
            waiters.insert(waiter, at: low)
        }

        mutating func remove(_ priority: Priority) -> CheckedContinuation<Void, any Error>? {
            waiters.firstIndex { $0.priority == priority }.map { waiters.remove(at: $0).continuation }
        }
    }

    private let limit: Int
    private let state: Mutex<State>

    init(limit: Int) {
        self.limit = limit
        state = Mutex(State(free: limit))
    }

    /// How many run.
    var running: Int { state.withLock { limit - $0.free } }

    /// How many wait for a slot.
    var waiting: Int { state.withLock { $0.waiters.count } }

    /// Runs `body` once it has a slot.
    ///
    /// - Throws: `CancellationError` if the caller was cancelled while it waited, else what `body` throws.
    func withSlot<T: Sendable>(_ priority: Priority, _ body: () async throws -> T) async throws -> T {
        try await acquire(priority)
        defer { release() }
        return try await body()
    }

    private func acquire(_ priority: Priority) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let now: Result<Void, any Error>? = state.withLock { state in
                    // Inside the lock, so that a cancellation comes either before this check or after the waiter can be found.
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if state.free > 0 {
                        state.free -= 1
                        return .success(())
                    }
                    state.insert(Waiter(priority: priority, continuation: continuation))
                    return nil
                }
                if let now { continuation.resume(with: now) }
            }
        } onCancel: {
            state.withLock { $0.remove(priority) }?.resume(throwing: CancellationError())
        }
    }

    private func release() {
        let next = state.withLock { state in
            let next = state.waiters.popLast()
            if next == nil { state.free += 1 }
            return next
        }
        next?.continuation.resume()
    }
}
