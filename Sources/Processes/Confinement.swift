/// What a program is kept to, beyond what every program is: a process group of its own, no new privileges, umask 077, no
/// descriptors but its three, SIGKILL when the service dies.
public struct Confinement: Sendable {
    /// nil: the service's own user.
    public var user: ProcessUser?
    public var limits: ResourceLimits
    /// nil: all files that its user may reach.
    public var sandbox: Sandbox?
    /// Paths that this program may read, beside what the sandbox allows to all.
    public var readable: [String]
    /// Paths where this program may do everything, beside what the sandbox allows to all.
    public var writable: [String]
    /// Where it gets a cgroup from; nil: it stays in the service's.
    public var controlGroups: ControlGroups?

    public init(
        user: ProcessUser? = nil,
        limits: ResourceLimits = ResourceLimits(),
        sandbox: Sandbox? = nil,
        readable: [String] = [],
        writable: [String] = [],
        controlGroups: ControlGroups? = nil
    ) {
        self.user = user
        self.limits = limits
        self.sandbox = sandbox
        self.readable = readable
        self.writable = writable
        self.controlGroups = controlGroups
    }

    /// The same for one program.
    public func adding(readable: String, writable: String) -> Confinement {
        var confinement = self
        confinement.readable.append(readable)
        confinement.writable.append(writable)
        return confinement
    }
}
