import Basics
import Glibc

/// Writes log lines on a thread of its own: a reader of the log that does not read delays nobody. Lines beyond `capacity` are
/// dropped and counted.
public final class LogWriter: Sendable {
    public static let standardError = LogWriter(descriptor: STDERR_FILENO)

    let descriptor: CInt
    private let queue: LogQueue

    /// - Parameters:
    ///   - descriptor: stays open for as long as this lives, and belongs to the caller.
    ///   - capacity: bytes that may wait.
    init(descriptor: CInt, capacity: Int = 4 << 20) {
        self.descriptor = descriptor
        queue = LogQueue(descriptor: descriptor, capacity: capacity)
    }

    deinit { queue.close() }

    /// Takes a line without waiting.
    ///
    /// - Returns: how many lines were dropped since the last one that was taken; 0 if this one is dropped, too.
    func append(_ line: String) -> Int { queue.append(Array((line + "\n").utf8)) }

    /// Waits until all that was taken is written. Blocks: only for the end of the process.
    public func flush(atMost duration: Duration) { queue.flush(until: .now + duration) }
}

private final class LogQueue: @unchecked Sendable {
    private let descriptor: CInt
    private let capacity: Int
    private let monitor = Monitor()
    private var waiting: [UInt8] = []
    private var dropped = 0
    private var isWriting = false
    private var isClosed = false
    private var hasThread = false

    init(descriptor: CInt, capacity: Int) {
        self.descriptor = descriptor
        self.capacity = capacity
    }

    func append(_ line: [UInt8]) -> Int {
        monitor.withLock {
            // An empty queue takes a line of any length.
            guard waiting.isEmpty || waiting.count + line.count <= capacity else {
                dropped += 1
                return 0
            }
            waiting += line
            if !hasThread { startThread() }
            monitor.broadcast()
            defer { dropped = 0 }
            return dropped
        }
    }

    func flush(until instant: ContinuousClock.Instant) {
        monitor.withLock {
            while hasThread, isWriting || !waiting.isEmpty, .now < instant { monitor.wait(atMost: instant - .now) }
        }
    }

    func close() {
        monitor.withLock {
            isClosed = true
            monitor.broadcast()
        }
    }

    fileprivate func run() {
        setThreadName("log")
        // A log that cannot be written stops nothing.
        while let lines = next() { try? Files.write(lines, to: descriptor) }
    }

    private func next() -> [UInt8]? {
        monitor.withLock {
            isWriting = false
            monitor.broadcast()
            while waiting.isEmpty, !isClosed { monitor.wait() }
            guard !waiting.isEmpty else { return nil }
            isWriting = true
            defer { waiting = [] }
            return waiting
        }
    }

    private func startThread() {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self)
        guard pthread_create(&thread, nil, logWriterMain, context.toOpaque()) == 0 else {
            // Without a thread the next line tries again; this one waits.
            context.release()
            return
        }
        hasThread = true
        pthread_detach(thread)
    }
}

/// At file scope, as every C callback must be: a bare thread has no executor for Swift to check.
private func logWriterMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    Unmanaged<LogQueue>.fromOpaque(context).takeRetainedValue().run()
    return nil
}
