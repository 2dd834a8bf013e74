import Model
import Synchronization

/// Lets runs begin in the order that ``RunQueue`` decides. One that waits costs no thread.
final class Scheduler: Sendable {
    typealias Priority = RunQueue.Priority

    private struct State {
        var queue: RunQueue
        var waiting: [Priority: CheckedContinuation<Void, any Error>] = [:]

        /// Takes out all that may begin now.
        mutating func begin() -> [CheckedContinuation<Void, any Error>] {
            var continuations: [CheckedContinuation<Void, any Error>] = []
            while let next = queue.next() {
                if let continuation = waiting.removeValue(forKey: next) { continuations.append(continuation) }
            }
            return continuations
        }
    }

    private let limits: @Sendable (Scope) -> RunLimits
    private let state: Mutex<State>

    /// - Parameters:
    ///   - limit: runs at once, 1 or more.
    ///   - limits: what else limits the runs of a scope; always the same for one scope.
    init(limit: Int, limits: @escaping @Sendable (Scope) -> RunLimits = { _ in RunLimits() }) {
        self.limits = limits
        state = Mutex(State(queue: RunQueue(limit: limit)))
    }

    /// How many run.
    var running: Int { state.withLock { $0.queue.running } }

    /// How many wait for a slot.
    var waiting: Int { state.withLock { $0.queue.waiting } }

    /// Takes a place in line for an event whose scripts are not there yet. It must be left in the end, whether it ran or not.
    ///
    /// - Parameter priority: no other place has the same at the same time.
    func enter(_ scope: Scope, _ priority: Priority) -> RunPlace {
        let limits = limits(scope)
        return RunPlace(scheduler: self, place: state.withLock { $0.queue.enter(scope, priority, limits: limits) })
    }

    fileprivate func leave(_ place: RunQueue.Place) {
        let next = state.withLock { state in
            state.queue.leave(place, wasReady: false)
            return state.begin()
        }
        for continuation in next { continuation.resume() }
    }

    fileprivate func acquire(_ place: RunQueue.Place) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let (next, isCancelled) = state.withLock { state in
                    // Inside the lock, so that a cancellation comes either before this check or after the waiter can be found.
                    if Task.isCancelled { return ([CheckedContinuation<Void, any Error>](), true) }
                    state.queue.makeReady(place)
                    state.waiting[place.priority] = continuation
                    return (state.begin(), false)
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
                for continuation in next { continuation.resume() }
            }
        } onCancel: {
            let (waiter, next) = state.withLock { state in
                guard let waiter = state.waiting.removeValue(forKey: place.priority) else {
                    return (nil as CheckedContinuation<Void, any Error>?, [CheckedContinuation<Void, any Error>]())
                }
                state.queue.leave(place, wasReady: true)
                return (waiter, state.begin())
            }
            waiter?.resume(throwing: CancellationError())
            for continuation in next { continuation.resume() }
        }
    }

    fileprivate func release(_ place: RunQueue.Place) {
        let next = state.withLock { state in
            state.queue.finish(place)
            return state.begin()
        }
        for continuation in next { continuation.resume() }
    }
}

/// A run's place in line.
struct RunPlace: Sendable {
    private let scheduler: Scheduler
    private let place: RunQueue.Place

    fileprivate init(scheduler: Scheduler, place: RunQueue.Place) {
        self.scheduler = scheduler
        self.place = place
    }

    /// Runs `body` once it is this run's turn.
    ///
    /// - Throws: `CancellationError` if the caller was cancelled while it waited, else what `body` throws.
    func withSlot<T: Sendable>(_ body: () async throws -> T) async throws -> T {
        try await scheduler.acquire(place)
        defer { scheduler.release(place) }
        return try await body()
    }

    /// Gives the place up; nothing happens if it ran.
    func leave() { scheduler.leave(place) }
}
