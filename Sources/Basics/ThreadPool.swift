import Glibc
import Synchronization

/// A small set of threads of our own, for calls into C that block.
///
/// Swift's cooperative pool has as many threads as the machine has cores, and libdispatch adds about one a second when its
/// workers block: on two cores a handful of blocking calls would stall everything else. Threads are started as they are
/// needed, up to `width`, and live as long as the process.
public final class ThreadPool: Sendable {
    private let queue: JobQueue
    private let nextTicket = Atomic<UInt64>(0)

    /// - Parameters:
    ///   - name: shown by `top -H`, at most 15 bytes of it.
    ///   - width: how many calls may block at once, 1 or more; the rest waits in order of arrival.
    public init(name: String, width: Int) {
        precondition(width >= 1, "a thread pool needs a thread")
        queue = JobQueue(name: name, width: width)
    }

    deinit { queue.close() }

    /// Runs `body` on a thread of the pool.
    ///
    /// Cancelling the caller removes work that still waits; a `body` that runs is not stopped: give it a deadline.
    ///
    /// - Throws: what `body` throws, `CancellationError` if the caller was cancelled before `body` began, or ``NoThreadError``.
    public func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        let ticket = nextTicket.add(1, ordering: .relaxed).newValue
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<T, any Error>) in
                let job = Job(
                    ticket: ticket,
                    run: { continuation.resume(with: Result { try body() }) },
                    fail: { continuation.resume(throwing: $0) }
                )
                // The check comes after the job can be found, so a cancellation on either side of it is seen.
                queue.append(job)
                if Task.isCancelled { queue.remove(ticket)?.fail(CancellationError()) }
            }
        } onCancel: {
            queue.remove(ticket)?.fail(CancellationError())
        }
    }
}

extension ThreadPool {
    /// Runs `body` on a thread of the pool; nobody waits for it. What has to be told of its end, it tells itself.
    ///
    /// - Parameter fail: called instead of `body`, with ``NoThreadError``, if there is no thread.
    public func submit(_ body: @escaping @Sendable () -> Void, orFail fail: @escaping @Sendable (any Error) -> Void) {
        queue.append(Job(ticket: nextTicket.add(1, ordering: .relaxed).newValue, run: body, fail: fail))
    }

    /// Runs `body` and waits for it until `deadline`. A `body` that takes longer is left to itself: a damaged file can keep
    /// libgit2 busy for ever, and nobody must wait for that. One that has not begun by then, or when the caller is cancelled, never
    /// begins: it must not change what others have changed since.
    public func run<T: Sendable>(until deadline: Deadline, _ body: @escaping @Sendable () throws -> T) async throws -> T {
        try Task.checkCancellation()
        let landing = Landing<T>()
        let ticket = nextTicket.add(1, ordering: .relaxed).newValue
        let job = Job(
            ticket: ticket,
            run: { landing.land(Result { try body() }) },
            fail: { landing.land(.failure($0)) }
        )
        queue.append(job)
        do {
            return try await landing.value(until: deadline)
        } catch {
            _ = queue.remove(ticket)
            throw error
        }
    }
}

private struct Job: Sendable {
    let ticket: UInt64
    let run: @Sendable () -> Void
    let fail: @Sendable (any Error) -> Void
}

/// The system gives no thread, and the pool has none yet.
public struct NoThreadError: Error, Hashable, CustomStringConvertible {
    /// The pool's name.
    public let pool: String

    public var description: String { "cannot start a thread for \(pool): the limit of processes or of memory is reached" }
}

/// The jobs that wait, and the threads that take them. A condition variable and its mutex need an address that stays.
private final class JobQueue: @unchecked Sendable {
    private let monitor = Monitor()
    private let name: String
    private let width: Int
    private var jobs: [Job] = []
    private var threads = 0
    private var idle = 0
    private var isClosed = false

    init(name: String, width: Int) {
        self.name = name
        self.width = width
    }

    func append(_ job: Job) {
        let needsThread = monitor.withLock {
            jobs.append(job)
            if idle >= jobs.count || threads == width {
                monitor.signal()
                return false
            }
            threads += 1
            return true
        }
        if needsThread { startThread() }
    }

    func remove(_ ticket: UInt64) -> Job? {
        monitor.withLock { jobs.firstIndex { $0.ticket == ticket }.map { jobs.remove(at: $0) } }
    }

    func close() {
        monitor.withLock {
            isClosed = true
            monitor.broadcast()
        }
    }

    /// Takes jobs until the queue is closed and empty.
    fileprivate func work() {
        setThreadName(name)
        while let job = next() { job.run() }
    }

    private func next() -> Job? {
        monitor.withLock {
            idle += 1
            while jobs.isEmpty, !isClosed { monitor.wait() }
            idle -= 1
            return jobs.isEmpty ? nil : jobs.removeFirst()
        }
    }

    private func startThread() {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self).toOpaque()
        guard pthread_create(&thread, nil, threadPoolMain, context) == 0 else {
            // Whoever is free takes the job; where nobody is, nobody will.
            Unmanaged<JobQueue>.fromOpaque(context).release()
            let lost = monitor.withLock { () -> [Job] in
                threads -= 1
                guard threads == 0 else { return [] }
                defer { jobs = [] }
                return jobs
            }
            for job in lost { job.fail(NoThreadError(pool: name)) }
            return
        }
        pthread_detach(thread)
    }
}

/// A C callback must not be a closure in isolated code: Swift would check for an executor that a bare thread does not have.
private func threadPoolMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    Unmanaged<JobQueue>.fromOpaque(context).takeRetainedValue().work()
    return nil
}
