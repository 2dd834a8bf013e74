import CSpawn
import Glibc

/// A process that could not be started. Nothing is left behind: no process, no descriptor.
public struct StartError: Error, Hashable, CustomStringConvertible {
    /// A verb phrase: "start", "change to directory".
    public let operation: String
    /// The program, directory or other object of the operation.
    public let object: String
    /// The system's error number.
    public let errno: CInt

    init(_ operation: String, _ object: String, errno: CInt) {
        self.operation = operation
        self.object = object
        self.errno = errno
    }

    init(step: cspawn_step, errno: CInt, command: Command) {
        switch step {
        case CSPAWN_DIRECTORY: self.init("change to directory", command.directory, errno: errno)
        case CSPAWN_DESCRIPTORS: self.init("set up the descriptors of", command.executable, errno: errno)
        case CSPAWN_PRIVILEGES: self.init("set no_new_privs for", command.executable, errno: errno)
        case CSPAWN_SANDBOX: self.init("put into its sandbox", command.executable, errno: errno)
        case CSPAWN_LIMITS: self.init("set the limits of", command.executable, errno: errno)
        case CSPAWN_CGROUP: self.init("move into its cgroup", command.executable, errno: errno)
        case CSPAWN_USER: self.init("change to user \(command.confinement.user?.uid ?? 0) for", command.executable, errno: errno)
        case CSPAWN_GROUP: self.init("make a process group for", command.executable, errno: errno)
        case CSPAWN_PARENT_DEATH: self.init("tie to this service the process of", command.executable, errno: errno)
        default: self.init("start", command.executable, errno: errno)
        }
    }

    public var description: String { "cannot \(operation) \(object): \(cause)" }

    private var cause: String {
        switch errno {
        case E2BIG: "its arguments and environment are larger than the system allows"
        case ENOEXEC: "it is neither a program for this machine nor a script with an interpreter line"
        case EAGAIN: "the limit of processes is reached; raise it or run fewer scripts at once"
        case EMFILE, ENFILE: "too many files are open; raise the limit of open files or run fewer scripts at once"
        default: String(cString: strerror(errno))
        }
    }
}
