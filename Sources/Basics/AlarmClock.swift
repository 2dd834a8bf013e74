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
    private var actions: [UInt64: @Sendable () -> Void] = [:]
    private var nextTicket: UInt64 = 0
    private var isRunning = false

    /// How many alarms are kept, for tests.
    var count: Int { monitor.withLock { heap.count } }

    /// Calls `action` at the deadline, on the clock's own thread: it must not wait.
    ///
    /// - Returns: what ``cancel(_:)`` takes.
    func schedule(_ deadline: Deadline, _ action: @escaping @Sendable () -> Void) throws(NoThreadError) -> UInt64 {
        let ticket: UInt64? = monitor.withLock {
            guard hasThread() else { return nil }
            nextTicket += 1
            actions[nextTicket] = action
            add(Alarm(instant: deadline.instant, ticket: nextTicket))
            return nextTicket
        }
        guard let ticket else { throw NoThreadError(pool: "deadlines") }
        return ticket
    }

    /// An action that has not begun never will.
    func cancel(_ ticket: UInt64) {
        monitor.withLock {
            actions[ticket] = nil
            forgetCancelled()
        }
    }

    /// - Throws: `CancellationError` as soon as the task is cancelled, or ``NoThreadError``.
    func sleep(until deadline: Deadline) async throws {
        do {
            try await Landing<Void>().value(until: deadline)
        } catch is DeadlineExceeded {}
    }

    /// Wakes who is due, for as long as the process lives.
    fileprivate func run() {
        setThreadName("alarm-clock")
        while true {
            due()?()
        }
    }

    /// Waits until something is due, or may be.
    private func due() -> (@Sendable () -> Void)? {
        monitor.withLock {
            guard let first = heap.first else {
                monitor.wait()
                return nil
            }
            guard first.instant <= .now else {
                monitor.wait(atMost: first.instant - .now)
                return nil
            }
            removeFirst()
            return actions.removeValue(forKey: first.ticket)
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
        guard heap.count > 2 * actions.count + 64 else { return }
        heap.removeAll { actions[$0.ticket] == nil }
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
