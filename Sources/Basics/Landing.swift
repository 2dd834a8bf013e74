import Synchronization

/// A result that many wait for, each as long as it likes.
///
/// Unlike a task's value, a wait for this one ends when the waiting task is cancelled; the work goes on. A wait makes no task of its
/// own: it is cheap enough to stand around every job of a pool.
public final class Landing<Value: Sendable>: Sendable {
    private struct Waiter: Sendable {
        let continuation: CheckedContinuation<Value, any Error>
        /// nil: not set yet.
        var alarm: UInt64?
    }

    private struct State: Sendable {
        var result: Result<Value, any Error>?
        var waiting: [Int: Waiter] = [:]
        var nextTicket = 0
    }

    private let state = Mutex(State())

    public init() {}

    /// Hands the result to all who wait and will wait. Only the first call counts.
    public func land(_ result: Result<Value, any Error>) {
        let waiting = state.withLock { state -> [Int: Waiter] in
            guard state.result == nil else { return [:] }
            state.result = result
            defer { state.waiting = [:] }
            return state.waiting
        }
        for waiter in waiting.values {
            if let alarm = waiter.alarm { AlarmClock.shared.cancel(alarm) }
            waiter.continuation.resume(with: result)
        }
    }

    /// The result, if there is one already.
    public var result: Result<Value, any Error>? { state.withLock { $0.result } }

    /// - Throws: the work's error, `DeadlineExceeded`, `CancellationError`, or ``NoThreadError``.
    public func value(until deadline: Deadline) async throws -> Value {
        if let result { return try result.get() }
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
                    state.waiting[ticket] = Waiter(continuation: continuation)
                    return nil
                }
                if let result { return continuation.resume(with: result) }
                setAlarm(deadline, for: ticket)
            }
        } onCancel: {
            give(up: ticket, CancellationError())
        }
    }

    private func setAlarm(_ deadline: Deadline, for ticket: Int) {
        do {
            let alarm = try AlarmClock.shared.schedule(deadline) { [weak self] in self?.give(up: ticket, DeadlineExceeded()) }
            let isWaiting = state.withLock { state in
                state.waiting[ticket]?.alarm = alarm
                return state.waiting[ticket] != nil
            }
            // It landed in between.
            if !isWaiting { AlarmClock.shared.cancel(alarm) }
        } catch {
            give(up: ticket, error)
        }
    }

    private func give(up ticket: Int, _ error: any Error) {
        guard let waiter = state.withLock({ $0.waiting.removeValue(forKey: ticket) }) else { return }
        if let alarm = waiter.alarm { AlarmClock.shared.cancel(alarm) }
        waiter.continuation.resume(throwing: error)
    }
}

/// Waits for `operation` until `deadline`, then leaves it to itself: it is cancelled, and nobody waits for its end.
public func withLimit<T: Sendable>(
    _ deadline: Deadline,
    _ operation: @escaping @Sendable () async throws -> T
) async throws -> T {
    let landing = Landing<T>()
    let task = Task {
        do { landing.land(.success(try await operation())) } catch { landing.land(.failure(error)) }
    }
    defer { task.cancel() }
    return try await landing.value(until: deadline)
}
