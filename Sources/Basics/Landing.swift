import Synchronization

/// A result that many wait for, each as long as it likes.
///
/// Unlike a task's value, a wait for this one ends when the waiting task is cancelled; the work goes on.
public final class Landing<Value: Sendable>: Sendable {
    private struct State: Sendable {
        var result: Result<Value, any Error>?
        var waiting: [Int: CheckedContinuation<Value, any Error>] = [:]
        var nextTicket = 0
    }

    private let state = Mutex(State())

    public init() {}

    /// Hands the result to all who wait and will wait. Only the first call counts.
    public func land(_ result: Result<Value, any Error>) {
        let waiting = state.withLock { state -> [Int: CheckedContinuation<Value, any Error>] in
            guard state.result == nil else { return [:] }
            state.result = result
            defer { state.waiting = [:] }
            return state.waiting
        }
        for continuation in waiting.values { continuation.resume(with: result) }
    }

    /// - Throws: the work's error, `DeadlineExceeded` or `CancellationError`.
    public func value(until deadline: Deadline) async throws -> Value {
        if let result = state.withLock({ $0.result }) { return try result.get() }
        return try await withDeadline(deadline) { try await self.wait() }
    }

    private func wait() async throws -> Value {
        let ticket = state.withLock { state in
            state.nextTicket += 1
            return state.nextTicket
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result = state.withLock { state -> Result<Value, any Error>? in
                    if let result = state.result { return result }
                    // Looked at under the lock: a cancellation before this has found nobody to wake.
                    if Task.isCancelled { return .failure(CancellationError()) }
                    state.waiting[ticket] = continuation
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: ticket) }?.resume(throwing: CancellationError())
        }
    }
}

extension ThreadPool {
    /// Runs `body` and waits for it until `deadline`. A `body` that takes longer is left to itself: a damaged file can keep
    /// libgit2 busy for ever, and nobody must wait for that. One that has not begun by then, or when the caller is cancelled, never
    /// begins: it must not change what others have changed since.
    public func run<T: Sendable>(until deadline: Deadline, _ body: @escaping @Sendable () throws -> T) async throws -> T {
        let landing = Landing<T>()
        let job = Task {
            do {
                // The pool may begin before it looks.
                try Task.checkCancellation()
                landing.land(.success(try await self.run(body)))
            } catch { landing.land(.failure(error)) }
        }
        defer { job.cancel() }
        return try await landing.value(until: deadline)
    }
}
