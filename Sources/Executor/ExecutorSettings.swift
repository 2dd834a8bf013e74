import Basics
public import Processes

/// How files are found and run. Durations and sizes are in the units of their types; sizes are bytes.
public struct ExecutorSettings: Sendable, Hashable {
    /// Which files scripts may reach, beside their own folder and their working directory.
    public struct FileRules: Sendable, Hashable {
        /// Absolute paths, with all beneath.
        public var readable: [String]
        public var writable: [String]
        /// What stays out of reach though it lies beneath one of these: the service's data and credentials.
        public var protected: [String]

        public init(readable: [String], writable: [String] = [], protected: [String]) {
            self.readable = readable
            self.writable = writable
            self.protected = protected
        }
    }

    /// Names of the script folders, the first one wins.
    public var folders: [String]
    /// How long one file may run; then SIGTERM to its process group.
    public var timeout: Duration
    /// The time between SIGTERM and SIGKILL.
    public var grace: Duration
    /// What is kept of the output of one file, from its beginning and its end; results are read up to this size too.
    public var outputLimit: Int
    /// The length of a run's message.
    public var messageLimit: Int
    /// Globs, case ignored: which of the service's variables scripts see as `ENV_NAME`.
    public var environmentAllow: [String]
    /// Globs, case ignored: which of them they do not see after all.
    public var environmentDeny: [String]
    /// Globs, case ignored: which of the allowed ones they see by their own names too.
    public var environmentPass: [String]
    /// The environment of the service itself.
    public var serviceEnvironment: [String: String]
    /// Where the working directories of running files are made; created with mode 0700 if it is not there.
    public var runsDirectory: String
    /// Who scripts run as; nil: the service's own user.
    public var user: ProcessUser?
    public var limits: ResourceLimits
    /// nil: scripts may do with files what their user may.
    public var fileRules: FileRules?
    /// Whether each run gets a cgroup of its own, where the service may make one.
    public var usesControlGroups: Bool
    /// Where requests of `.http` files may go.
    public var http: HTTPSettings

    public init(
        folders: [String] = ["genericexecutor", "generic-executor"],
        timeout: Duration = .seconds(300),
        grace: Duration = .seconds(10),
        outputLimit: Int = 1 << 20,
        messageLimit: Int = 32 << 10,
        environmentAllow: [String] = ["*"],
        environmentDeny: [String] = ["SECRET_*"],
        environmentPass: [String] = [],
        serviceEnvironment: [String: String] = [:],
        runsDirectory: String,
        user: ProcessUser? = nil,
        limits: ResourceLimits = ResourceLimits(),
        fileRules: FileRules? = nil,
        usesControlGroups: Bool = false,
        http: HTTPSettings = HTTPSettings()
    ) {
        self.folders = folders
        self.timeout = timeout
        self.grace = grace
        self.outputLimit = outputLimit
        self.messageLimit = messageLimit
        self.environmentAllow = environmentAllow
        self.environmentDeny = environmentDeny
        self.environmentPass = environmentPass
        self.serviceEnvironment = serviceEnvironment
        self.runsDirectory = runsDirectory
        self.user = user
        self.limits = limits
        self.fileRules = fileRules
        self.usesControlGroups = usesControlGroups
        self.http = http
    }
}
