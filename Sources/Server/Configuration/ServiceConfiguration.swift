public import Basics
import Executor
import Keptn
import RepoCache

/// Everything that the service was told, checked.
public struct ServiceConfiguration: Sendable {
    var receive: Receive
    var admin: Admin
    public var log: Log
    var delivery: DeliverySettings
    var executor: ExecutorSettings
    var keptn: KeptnSettings
    /// Runs at once.
    var concurrency: Int
    /// Beside it, for the runs of a project or a service.
    var runLimits: ProjectRunLimits
    /// Scripts come from the working directory, not from Git (`ENV=local`).
    var isLocal: Bool
    var cacheDirectory: String
    var dataDirectory: String
    /// What a commit waits for.
    var sync: StoreFile.Sync
    var history: HistoryLimits
    /// Older events run nothing; nil: none is too old.
    var maximumEventAge: Duration?
    var shutdownTimeout: Duration
    /// Settings that are accepted and do nothing, each with the reason.
    var warnings: [String]
    var cacheLimits: CacheLimits
    /// What must never be seen outside.
    public let secrets: SecretRegistry

    /// The sources again, for what is read anew: the remote and the credentials of each project.
    let sources: SettingsReader
    /// The names of the projects that have a section of their own, sorted.
    let projects: [String]

    /// How events come in.
    struct Receive: Sendable {
        var host: String
        var port: Int
        var path: String
        var token: String?
        var bodyLimit: Int
        var queue: WaitingRoom.Limits
    }

    /// The port of operators: API and metrics.
    struct Admin: Sendable {
        var host: String
        var port: Int
        var token: String?
    }

    /// How the service tells what it does.
    public struct Log: Sendable {
        public var format: LogFormat
        public var isVerbose: Bool
    }

    /// Where answers go, and for how long they are tried.
    struct DeliverySettings: Sendable {
        var target: DeliveryTarget
        var timeout: Duration
    }

    /// How Keptn is answered.
    struct KeptnSettings: Sendable {
        var era: Era?
        var answersAllEvents: Bool
        var hasProvenance: Bool
    }
}

extension ServiceConfiguration {
    /// Reads the configuration: `--set` over environment over YAML file over default.
    ///
    /// - Parameters:
    ///   - overrides: `NAME=VALUE` pairs of the command line.
    ///   - file: the path of the YAML file; nil takes `GES_CONFIG` of the environment.
    ///   - environment: the variables of the process.
    /// - Throws: ``ConfigurationError`` for the first value that is not allowed.
    public init(overrides: [String] = [], file path: String? = nil, environment: [String: String]) throws(ConfigurationError) {
        let path = path ?? environment["GES_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        let file = if let path { try ConfigurationFile(path: path) } else { ConfigurationFile() }
        let sources = try SettingsReader(overrides: overrides, environment: environment, file: file)
        try self.init(sources, projects: file.projects.keys.sorted(), environment: environment, file: path)
        try checkProjects(file.projects.keys.sorted())
    }

    private init(
        _ sources: SettingsReader,
        projects: [String],
        environment: [String: String],
        file path: String?
    ) throws(ConfigurationError) {
        self.sources = sources
        self.projects = projects
        receive = Receive(
            host: try sources.required(Settings.receiveHost),
            port: try sources.required(Settings.receivePort),
            path: try sources.required(Settings.receivePath),
            token: try sources.optional(Settings.receiveToken),
            bodyLimit: try sources.required(Settings.receiveBodyLimit),
            queue: WaitingRoom.Limits(
                count: try sources.required(Settings.queueLimit),
                bytes: try sources.required(Settings.queueBytes)
            )
        )
        admin = Admin(
            host: try sources.required(Settings.adminHost),
            port: try sources.required(Settings.adminPort),
            token: try sources.optional(Settings.adminToken)
        )
        log = Log(
            format: try sources.required(Settings.logFormat),
            isVerbose: try sources.required(Settings.verbose)
        )
        delivery = DeliverySettings(
            target: try sources.required(Settings.eventBroker),
            timeout: try sources.required(Settings.deliveryTimeout)
        )
        keptn = KeptnSettings(
            era: try sources.optional(Settings.keptnSpec),
            answersAllEvents: try sources.required(Settings.answerAllEvents),
            hasProvenance: try sources.required(Settings.answerProvenance)
        )
        concurrency = try sources.required(Settings.scriptConcurrency)
        runLimits = try Self.runLimits(of: sources, projects: projects)
        isLocal = try sources.optional(Settings.environmentMode) == "local"
        let home = environment["HOME"] ?? "/tmp"
        cacheDirectory =
            try sources.optional(Settings.cacheDirectory)
            ?? Self.directory("/var/cache/generic-executor-service", or: "\(home)/.cache/generic-executor-service")
        dataDirectory =
            try sources.optional(Settings.dataDirectory)
            ?? Self.directory("/var/lib/generic-executor-service", or: "\(home)/.local/share/generic-executor-service")
        sync = try sources.required(Settings.dataSync)
        history = HistoryLimits(
            age: try sources.required(Settings.historyMaximumAge),
            runs: try sources.required(Settings.historyMaximumRuns),
            bytes: try sources.required(Settings.historyMaximumBytes)
        )
        maximumEventAge = try sources.optional(Settings.eventMaximumAge)
        shutdownTimeout = try sources.required(Settings.shutdownTimeout)
        warnings =
            try sources.optional(Settings.configurationService) == nil
            ? [] : ["CONFIGURATION_SERVICE is ignored: scripts come straight from Git"]
        let cacheLimit = try sources.required(Settings.cacheLimit)
        cacheLimits = CacheLimits(
            perProject: min(try sources.required(Settings.cacheLimitPerProject), cacheLimit),
            total: cacheLimit
        )
        secrets = SecretRegistry(try Self.secrets(of: sources, projects: projects, environment: environment))
        executor = try Self.executorSettings(sources, environment, dataDirectory: dataDirectory)
        executor.http = try Self.requests(sources, adminPort: admin.port)
        let credentials = try Self.credentialPaths(sources, projects: projects, configurationFile: path)
        try Self.confine(&executor, sources, protected: [dataDirectory, cacheDirectory] + credentials)
        try checkPorts()
    }

    private static func executorSettings(
        _ sources: SettingsReader,
        _ environment: [String: String],
        dataDirectory: String
    ) throws(ConfigurationError) -> ExecutorSettings {
        ExecutorSettings(
            folders: try sources.required(Settings.scriptFolders),
            timeout: try sources.required(Settings.scriptTimeout),
            grace: try sources.required(Settings.scriptGrace),
            outputLimit: try sources.required(Settings.scriptOutputLimit),
            messageLimit: try sources.required(Settings.messageLimit),
            environmentAllow: try sources.required(Settings.scriptEnvironmentAllow),
            environmentDeny: try sources.required(Settings.scriptEnvironmentDeny),
            environmentPass: try sources.optional(Settings.scriptEnvironmentPass) ?? [],
            serviceEnvironment: environment,
            runsDirectory: "\(dataDirectory)/runs"
        )
    }

    /// The first directory if it can be written or made, else the second.
    private static func directory(_ path: String, or other: String) -> String {
        (try? Files.createDirectory(path)) != nil && Files.isWritable(path) ? path : other
    }
}
