/// How a process ended, and whether we made it end.
public struct ProcessExit: Sendable, Hashable {
    public enum Status: Sendable, Hashable {
        /// It ended by itself, with this exit status: 137 here is a number that the program chose.
        case exited(Int)
        /// This signal ended it.
        case signalled(Int)
        /// It did not go even after SIGKILL (a system call that cannot be interrupted), or somebody else reaped it.
        case unknown
    }

    /// Why we told it to stop.
    public enum StopCause: Sendable, Hashable {
        case deadline
        case cancellation
    }

    public var status: Status
    /// nil if nobody told it to stop: then the status is its own doing.
    public var stopCause: StopCause?
    /// nil where it could not be learnt.
    public var usage: ResourceUsage?

    public init(status: Status, stopCause: StopCause? = nil, usage: ResourceUsage? = nil) {
        self.status = status
        self.stopCause = stopCause
        self.usage = usage
    }

    public var isSuccess: Bool { status == .exited(0) && stopCause == nil }
}

extension ProcessExit.Status {
    /// - Parameter waitStatus: as `wait4` gives it.
    init(waitStatus: CInt) {
        let signal = Int(waitStatus & 0x7F)
        self = signal == 0 ? .exited(Int(waitStatus >> 8 & 0xFF)) : .signalled(signal)
    }
}
