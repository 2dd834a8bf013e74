import CSpawn
import Glibc

/// What each process of a run may use at most; nil: what the service itself may.
///
/// The kernel counts per process (setrlimit(2)), except for ``processes``, which counts all processes of the user and never binds
/// root. Where the run has a ``ControlGroup`` with the kernel's controllers, memory and processes are limited for the whole run.
public struct ResourceLimits: Sendable, Hashable {
    /// Time on a processor. Then SIGXCPU, and SIGKILL one second later.
    public var cpuTime: Duration?
    /// Bytes of address space.
    public var memory: Int?
    /// Bytes of each file that is written; then SIGXFSZ.
    public var fileSize: Int?
    public var openFiles: Int?
    public var processes: Int?

    public init(
        cpuTime: Duration? = nil,
        memory: Int? = nil,
        fileSize: Int? = nil,
        openFiles: Int? = nil,
        processes: Int? = nil
    ) {
        self.cpuTime = cpuTime
        self.memory = memory
        self.fileSize = fileSize
        self.openFiles = openFiles
        self.processes = processes
    }

    /// As the kernel takes them. A core file is never written.
    var values: [cspawn_limit] {
        let seconds = cpuTime.map { max(1, Int($0.components.seconds) + ($0.components.attoseconds > 0 ? 1 : 0)) }
        let limits: [(CInt, Int?, more: Int)] = [
            (CInt(RLIMIT_CPU.rawValue), seconds, 1), (CInt(RLIMIT_AS.rawValue), memory, 0),
            (CInt(RLIMIT_FSIZE.rawValue), fileSize, 0), (CInt(RLIMIT_NOFILE.rawValue), openFiles, 0),
            (CInt(__RLIMIT_NPROC.rawValue), processes, 0),
        ]
        return limits.compactMap { resource, value, more in
            value.map { cspawn_limit(resource: resource, soft: UInt64(max(0, $0)), hard: UInt64(max(0, $0) + more)) }
        }
    }
}
