import Glibc

/// Wakes tasks at their deadlines, on one thread of our own.
///
/// `Task.sleep` leaves its timer with libdispatch until it would have fired, also when the sleep was cancelled: with a limit of
/// minutes on each of thousands of waits that end at once, memory grows with every one of them. Here a cancelled wait is forgotten.
final class AlarmClock: @unchecked Sendable {
    static let shared = AlarmClock()

    private struct Alarm {
        let instant: ContinuousClock.Instant
        let ticket: UInt64
    }

    private let monitor = Monitor()
    /// A binary heap, the next one first. Cancelled ones stay until they come up or are the greater part.
    private var heap: [Alarm] = []
    private var sleepers: [UInt64: CheckedContinuation<Void, any Error>] = [:]
    private var nextTicket: UInt64 = 0
    private var isRunning = false

    /// How many alarms are kept, for tests.
    var count: Int { monitor.withLock { heap.count } }

    /// - Throws: `CancellationError` as soon as the task is cancelled, or ``NoThreadError``.
    func sleep(until deadline: Deadline) async throws {
        let ticket = monitor.withLock {
            nextTicket += 1
            return nextTicket
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let refusal = monitor.withLock { () -> (any Error)? in
                    // Under the lock: a cancellation before this has found nobody to wake.
                    if Task.isCancelled { return CancellationError() }
                    guard hasThread() else { return NoThreadError(pool: "deadlines") }
                    sleepers[ticket] = continuation
                    add(Alarm(instant: deadline.instant, ticket: ticket))
                    return nil
                }
                if let refusal { continuation.resume(throwing: refusal) }
            }
        } onCancel: {
            let sleeper = monitor.withLock {
                defer { forgetCancelled() }
                return sleepers.removeValue(forKey: ticket)
            }
            sleeper?.resume(throwing: CancellationError())
        }
    }

    /// Wakes who is due, for as long as the process lives.
    fileprivate func run() {
        setThreadName("alarm-clock")
        while true {
            for sleeper in due() { sleeper.resume() }
        }
    }

    private func due() -> [CheckedContinuation<Void, any Error>] {
        monitor.withLock {
            guard let first = heap.first else {
                monitor.wait()
                return []
            }
            guard first.instant <= .now else {
                monitor.wait(atMost: first.instant - .now)
                return []
            }
            removeFirst()
            return sleepers.removeValue(forKey: first.ticket).map { [$0] } ?? []
        }
    }

    /// Starts the thread with the first alarm.
    private func hasThread() -> Bool {
        if isRunning { return true }
        var thread = pthread_t()
        guard pthread_create(&thread, nil, alarmClockMain, nil) == 0 else { return false }
        pthread_detach(thread)
        isRunning = true
        return true
    }
}

// MARK: The heap

extension AlarmClock {
    private func add(_ alarm: Alarm) {
        heap.append(alarm)
        siftUp(heap.count - 1)
        if heap[0].ticket == alarm.ticket { monitor.signal() }
    }

    private func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        siftDown(0)
    }

    /// Drops cancelled alarms once they are more than those that count: amortised, a cancellation costs a constant.
    private func forgetCancelled() {
        guard heap.count > 2 * sleepers.count + 64 else { return }
        heap.removeAll { sleepers[$0.ticket] == nil }
        for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { siftDown(index) }
    }

    private func siftUp(_ start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].instant < heap[parent].instant else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private func siftDown(_ start: Int) {
        var parent = start
        while 2 * parent + 1 < heap.count {
            var child = 2 * parent + 1
            if child + 1 < heap.count, heap[child + 1].instant < heap[child].instant { child += 1 }
            guard heap[child].instant < heap[parent].instant else { return }
            heap.swapAt(child, parent)
            parent = child
        }
    }
}

/// At file scope, as every C callback must be: a bare thread has no executor for Swift to check.
private func alarmClockMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    AlarmClock.shared.run()
    return nil
}
