import Basics
import CloudEvents
import Curl
import Executor
import Keptn
import Logging
import Model
import Processes
import RepoCache

/// The parts that `serve`, `run` and `resolve` have in common, made from the configuration.
struct Parts: Sendable {
    let delivery: Delivery
    let interpreter: EventInterpreter
    let rules: EventRules
    let answers: Answers
    let executor: Executor
    let snapshots: SnapshotSource
    let metrics = ServiceMetrics()
    /// What the configuration says of webhooks, read anew.
    let webhookRules: @Sendable () async throws -> WebhookRules
    /// nil where scripts come from a directory.
    let catalog: RepositoryCatalog?
    let client: HTTPClient
    private let secrets: SecretRegistry
    private let concurrency: Int
    private let runLimits: @Sendable (Scope) -> RunLimits

    init(_ configuration: ServiceConfiguration, logger: Logger) throws {
        let client = HTTPClient()
        self.client = client
        delivery = Delivery(
            target: configuration.delivery.target,
            client: client,
            timeout: configuration.delivery.timeout
        )
        interpreter = EventInterpreter(era: configuration.keptn.era)
        rules = EventRules(interpreter: interpreter, maximumAge: configuration.maximumEventAge)
        answers = Answers(settings: Self.answerSettings(configuration))
        secrets = configuration.secrets
        executor = try Executor(settings: configuration.executor, client: client, secrets: secrets)
        concurrency = configuration.concurrency
        runLimits = configuration.runLimits.limits(of:)
        // A token may be in a file on a slow disk, which must stall nobody else.
        let files = ThreadPool(name: "settings", width: 2)
        webhookRules = { try await files.run { configuration.webhookRules() } }
        if configuration.isLocal {
            snapshots = .directory(Files.workingDirectory)
            catalog = nil
        } else {
            let catalog = RepositoryCatalog(configuration, client: client, logger: logger)
            let cache = try RepoCache(
                directory: configuration.cacheDirectory,
                client: client,
                limits: configuration.cacheLimits,
                opensSnapshots: configuration.executor.user != nil,
                observer: { [metrics] in metrics.record($0) },
                settings: { try await catalog.settings(of: $0) }
            )
            if let user = configuration.executor.user,
                let closed = user.firstClosedDirectory(onTheWayTo: configuration.cacheDirectory)
            {
                throw ClosedDirectory(directory: closed, path: configuration.cacheDirectory, user: user)
            }
            snapshots = .repositories(cache)
            self.catalog = catalog
        }
    }

    private static func answerSettings(_ configuration: ServiceConfiguration) -> Answers.Settings {
        var settings = Answers.Settings()
        settings.era = configuration.keptn.era
        settings.tellsProvenance = configuration.keptn.hasProvenance
        settings.answersAllEvents = configuration.keptn.answersAllEvents
        settings.messageLimit = configuration.executor.messageLimit
        return settings
    }

    /// The pipeline of what is kept in `journal`.
    func pipeline(journal: some RunJournal, outputs: RunOutputs? = nil) -> Pipeline {
        Pipeline(
            rules: rules,
            snapshots: snapshots,
            executor: executor,
            answers: answers,
            scheduler: Scheduler(limit: concurrency, limits: runLimits),
            journal: journal,
            secrets: secrets,
            timeout: { [runLimits] in runLimits($0).timeout },
            outputs: outputs
        )
    }
}
