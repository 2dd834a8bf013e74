import Basics
import Glibc

/// One running child as the monitor's thread sees it. No other thread touches it once it was handed over, hence `@unchecked`.
final class WatchedChild: @unchecked Sendable {
    let started: StartedChild
    var lifecycle: ChildLifecycle
    /// nil: the receiver takes all.
    let valve: OutputValve?
    private let onOutput: @Sendable (ProcessOutput) -> Void
    private var continuation: CheckedContinuation<ProcessExit, any Error>?

    /// The most that is read from each pipe after the leader's exit: no pipe of an unprivileged process holds more. Without the
    /// bound, a child left behind that writes for ever would keep us here.
    private static let drainLimit = 1 << 20
    private static let readSize = 65_536

    init(
        _ started: StartedChild,
        lifecycle: ChildLifecycle,
        valve: OutputValve?,
        onOutput: @escaping @Sendable (ProcessOutput) -> Void,
        continuation: CheckedContinuation<ProcessExit, any Error>
    ) {
        self.started = started
        self.lifecycle = lifecycle
        self.valve = valve
        self.onOutput = onOutput
        self.continuation = continuation
    }

    /// Reads what is there, up to `limit` bytes.
    ///
    /// - Returns: false at the end of the pipe.
    func read(_ stream: ProcessOutput.Stream, limit: Int) -> Bool {
        let descriptor = stream == .standardOutput ? started.output : started.errors
        var left = limit
        while left > 0 {
            var (count, cause) = (0, CInt(0))
            let bytes = [UInt8](unsafeUninitializedCapacity: Self.readSize) { buffer, initialized in
                count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                cause = errno
                initialized = max(count, 0)
            }
            if count < 0, cause == EINTR { continue }
            if count < 0, cause == EAGAIN { return true }
            guard count > 0 else { return false }
            onOutput(ProcessOutput(stream: stream, bytes: bytes))
            left -= count
        }
        return true
    }

    func signalGroup(_ signal: CInt) { killpg(started.pid, signal) }

    /// The leader has exited: takes the last of its output, ends all that it left behind, reaps it and reports.
    func finish() {
        _ = read(.standardOutput, limit: Self.drainLimit)
        _ = read(.standardError, limit: Self.drainLimit)
        // Before the leader is reaped: as long as it is a zombie, nobody else can get its id.
        signalGroup(SIGKILL)
        let status = reap()
        started.close()
        report(status)
    }

    @discardableResult
    func reap() -> ProcessExit.Status {
        var status: CInt = 0
        var result: pid_t
        repeat { result = wait4(started.pid, &status, WNOHANG, nil) } while result < 0 && errno == EINTR
        return result == started.pid ? ProcessExit.Status(waitStatus: status) : .unknown
    }

    func report(_ status: ProcessExit.Status) {
        continuation?.resume(returning: ProcessExit(status: status, stopCause: lifecycle.stopCause))
        continuation = nil
    }

    /// The child cannot be watched: it does not live on unseen.
    func fail(_ error: StartError) {
        signalGroup(SIGKILL)
        while wait4(started.pid, nil, 0, nil) < 0, errno == EINTR {}
        started.close()
        continuation?.resume(throwing: error)
        continuation = nil
    }
}
