import Basics
import Glibc

/// One running child as the monitor's thread sees it. No other thread touches it once it was handed over, hence `@unchecked`.
final class WatchedChild: @unchecked Sendable {
    let started: StartedChild
    var lifecycle: ChildLifecycle
    /// Tells what it leaves behind from what others do; nil: it is not looked for.
    let marker: String?
    /// nil: the receiver takes all.
    let valve: OutputValve?
    private let onOutput: @Sendable (ProcessOutput) -> Void
    /// Called once; nil afterwards.
    private var onEnd: (@Sendable (Result<ProcessExit, any Error>) -> Void)?
    /// The leader has exited: what is in the pipes is read, valve or not.
    private var isOver = false
    /// How the leader ended, once it was reaped.
    private var exit: ProcessExit?

    /// The most that is read from each pipe after the leader's exit: no pipe of an unprivileged process holds more. Without the
    /// bound, a child left behind that writes for ever would keep us here.
    private static let drainLimit = 1 << 20

    init(
        _ started: StartedChild,
        lifecycle: ChildLifecycle,
        marker: String?,
        valve: OutputValve?,
        onOutput: @escaping @Sendable (ProcessOutput) -> Void,
        onEnd: @escaping @Sendable (Result<ProcessExit, any Error>) -> Void
    ) {
        self.started = started
        self.lifecycle = lifecycle
        self.marker = marker
        self.valve = valve
        self.onOutput = onOutput
        self.onEnd = onEnd
    }

    /// Whether its end was told.
    var isReported: Bool { onEnd == nil }

    /// Reads what is there, up to `limit` bytes.
    ///
    /// - Parameter buffer: room to read into; what was read is copied out of it.
    /// - Returns: false at the end of the pipe.
    func read(_ stream: ProcessOutput.Stream, limit: Int, into buffer: UnsafeMutableRawBufferPointer) -> Bool {
        let descriptor = stream == .standardOutput ? started.output : started.errors
        // Who was told of the end hears no more.
        guard onEnd != nil else { return false }
        var left = limit
        while left > 0, isOver || valve?.isClosed != true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return true }
            guard count > 0 else { return false }
            onOutput(ProcessOutput(stream: stream, bytes: Array(buffer.prefix(count))))
            left -= count
            // A pipe that gave less than asked for is empty: one call less.
            if count < buffer.count { return true }
        }
        return true
    }

    /// To the group, and to a leader that has left it: to the group of another program, or from there to a session of its own.
    func signalGroup(_ signal: CInt) {
        killpg(started.pid, signal)
        // It is not reaped yet: its number is its own.
        if getpgid(started.pid) != started.pid { kill(started.pid, signal) }
    }

    /// The leader has exited: takes the last of its output, ends all that it left behind in its group, and reaps it.
    func finish(buffer: UnsafeMutableRawBufferPointer) {
        isOver = true
        _ = read(.standardOutput, limit: Self.drainLimit, into: buffer)
        _ = read(.standardError, limit: Self.drainLimit, into: buffer)
        // Before the leader is reaped: as long as it is a zombie, nobody else can get its id.
        signalGroup(SIGKILL)
        reap()
    }

    /// Whether it has been reaped. One that somebody traces is not ours to reap before the tracer lets go of it.
    var isReaped: Bool { exit != nil }

    /// Whether something is left in its cgroup; told to end, if so.
    func isLeavingSomething() -> Bool {
        guard let group = started.group, group.isPopulated else { return false }
        group.killAll()
        return true
    }

    /// Reaps the leader if that can be done.
    func reap() {
        guard exit == nil else { return }
        var status: CInt = 0
        var usage = rusage()
        var result: pid_t
        repeat { result = wait4(started.pid, &status, WNOHANG, &usage) } while result < 0 && errno == EINTR
        guard result != 0 else { return }
        guard result == started.pid else {
            exit = ProcessExit(status: .unknown, stopCause: lifecycle.stopCause)
            return
        }
        exit = ProcessExit(
            status: ProcessExit.Status(waitStatus: status),
            stopCause: lifecycle.stopCause,
            usage: ResourceUsage(usage, floor: started.memoryFloor)
        )
    }

    /// Gives up its descriptors and tells how it ended. The second time only the descriptors.
    func report() {
        // One that is only abandoned is still watched for its exit.
        if isReaped { started.close() }
        onEnd?(.success(exit ?? ProcessExit(status: .unknown, stopCause: lifecycle.stopCause)))
        onEnd = nil
    }

    /// The child cannot be watched: it does not live on unseen.
    func fail(_ error: StartError) {
        signalGroup(SIGKILL)
        while wait4(started.pid, nil, 0, nil) < 0, errno == EINTR {}
        started.close()
        onEnd?(.failure(error))
        onEnd = nil
    }
}
