import Basics
import Executor
import Glibc
import Hummingbird
public import Logging
import NIOCore
import RepoCache
import ServiceLifecycle
import UnixSignals

/// The whole service, wired: `receive -> inbox -> pipeline -> outbox -> deliver`.
public struct GenericExecutorService: Sendable {
    private let configuration: ServiceConfiguration
    private let parts: Parts
    private let runsLock: DirectoryLock
    private let store: Store
    private let logger: Logger

    /// - Throws: what keeps the parts from being made: a directory that cannot be used, an interpreter that is missing.
    public init(_ configuration: ServiceConfiguration, logger: Logger) throws {
        self.configuration = configuration
        self.logger = logger
        // Events are small and few for a machine: more loops only wake each other.
        NIOSingletons.groupLoopCountSuggestion = 1
        try Self.make(configuration.cacheDirectory, "CACHE_DIRECTORY")
        try Self.make(configuration.dataDirectory, "DATA_DIRECTORY")
        self.parts = try Parts(configuration, logger: logger)
        // Before the sweep: what lies there may belong to a service that runs.
        self.runsLock = try Self.lock(configuration.executor.runsDirectory)
        // What runs of a process that was killed left must be gone before anything runs again.
        parts.executor.sweep()
        self.store = try StoreFile(
            directory: configuration.dataDirectory,
            sync: configuration.sync,
            metrics: parts.metrics,
            logger: logger
        ).open()
    }

    private static func make(_ directory: String, _ setting: String) throws(ServiceError) {
        do {
            try Files.createDirectory(directory)
        } catch {
            throw ServiceError("\(error); let \(setting) name a directory that can be written")
        }
    }

    private static func lock(_ directory: String) throws -> DirectoryLock {
        do throws(FileError) {
            return try DirectoryLock(directory)
        } catch {
            guard error.errno == EWOULDBLOCK else { throw error }
            throw ServiceError("cannot use \(directory): another service uses it; give each instance a DATA_DIRECTORY of its own")
        }
    }

    /// Serves until SIGTERM or SIGINT, then ends the work in hand.
    ///
    /// - Throws: what made the service fail: a port that is taken, for example.
    public func run() async throws {
        for warning in configuration.warnings { logger.warning("configuration", metadata: ["warning": "\(warning)"]) }
        let outbox = Outbox(
            store: store,
            delivery: parts.delivery,
            flushTimeout: .seconds(5),
            metrics: parts.metrics,
            logger: logger
        )
        let inbox = Inbox(store: store, limits: configuration.receive.queue, backlog: { outbox.depth }) { [rules = parts.rules] in
            rules.interpret($0, received: $1)
        }
        let ending = Ending()
        let journal = StoredJournal(store: store, outbox: outbox, clock: .system, ending: ending, logger: logger)
        let watch = RunWatch()
        let outputs = RunOutputs(directory: RunOutputs.directory(in: configuration.dataDirectory), watch: watch)
        let runs = RunsInHand(watch: watch)
        let pipeline = PipelineService(
            pipeline: parts.pipeline(journal: journal, outputs: outputs),
            inbox: inbox,
            runs: runs,
            ending: ending,
            shutdownTimeout: configuration.shutdownTimeout,
            metrics: parts.metrics,
            logger: logger
        )
        try await Recovery(store: store, interpreter: parts.interpreter, answers: parts.answers, logger: logger).run(into: inbox)
        try await outbox.restore()
        let history = RunsResponder(store: store, outputs: outputs, runs: runs, inbox: inbox, watch: watch)
        let ahead = RefreshAhead(logger: logger) { [cache = parts.snapshots.cache] project in
            // As long as a first clone may take.
            try await cache?.refresh(project, deadline: .after(.seconds(660)))
        }
        // Ended in reverse order: nothing comes in, then what is in hand is done, then its answers are sent; operators see it all.
        var group = ServiceGroupConfiguration(
            services: [
                .init(service: StoreWatch(store: store)),
                .init(service: Retention(store: store, outputs: outputs, limits: configuration.history, logger: logger)),
                .init(service: adminListener(history, inbox: inbox, outbox: outbox, scheduler: pipeline.pipeline.scheduler)),
                .init(service: outbox),
                .init(service: pipeline),
                .init(service: ahead),
                .init(service: eventListener(inbox: inbox, ahead: ahead)),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: quiet
        )
        group.maximumGracefulShutdownDuration = configuration.shutdownTimeout + configuration.executor.grace + .seconds(20)
        group.maximumCancellationDuration = configuration.executor.grace + .seconds(5)
        do {
            try await ServiceGroup(configuration: group).run()
        } catch {
            // A database that is damaged is left as it is: the next start looks at it.
            if (error as? StoreError)?.kind != .damaged { await store.close() }
            // That of the library describes the whole service, with all that it knows.
            if let error = error as? ServiceGroupError {
                throw ServiceError("a part of it ended out of turn (\(error.errorCode))")
            }
            throw error
        }
        await store.close()
        logger.notice("stopped")
    }

    private func eventListener(inbox: Inbox, ahead: RefreshAhead) -> some Service {
        let receive = configuration.receive
        let readiness = Readiness()
        let receiver = EventReceiver(
            path: receive.path,
            token: BearerToken(receive.token, setting: "RCV_TOKEN"),
            bodyLimit: receive.bodyLimit,
            inbox: inbox,
            readiness: readiness,
            webhooks: WebhookReceiver(
                cache: parts.snapshots.cache,
                // What forges send of a push with many commits is larger than most events.
                bodyLimit: max(receive.bodyLimit, 1 << 20),
                rules: parts.webhookRules,
                ahead: ahead,
                logger: logger
            ),
            metrics: parts.metrics
        )
        return Listener(
            host: receive.host,
            port: receive.port,
            settings: "RCV_HOST and RCV_PORT",
            responder: receiver,
            logger: quiet
        ) { [logger] port in
            readiness.set(nil)
            logger.notice("listening", metadata: ["host": "\(receive.host)", "port": "\(port)", "path": "\(receive.path)"])
        }
    }

    private func adminListener(
        _ history: RunsResponder,
        inbox: Inbox,
        outbox: Outbox,
        scheduler: Scheduler
    ) -> some Service {
        let admin = configuration.admin
        let responder = AdminResponder(
            token: BearerToken(admin.token, setting: "ADMIN_TOKEN"),
            cache: parts.snapshots.cache,
            runs: history
        ) { [metrics = parts.metrics, store] in
            metrics.families + [
                .counter("ges_commits_total", "Commits of the database, each with a flush to disk.", Double(store.commits)),
                .gauge("ges_queue_depth", "Events that wait for their run.", Double(inbox.depth)),
                .gauge("ges_outbox_depth", "Answers that wait for their receiver.", Double(outbox.depth)),
                .gauge("ges_running", "Runs that are going on.", Double(scheduler.running)),
            ]
        }
        return Listener(
            host: admin.host,
            port: admin.port,
            settings: "ADMIN_HOST and ADMIN_PORT",
            responder: responder,
            logger: quiet
        ) { [logger, ownPorts = configuration.executor.http.ownPorts] port in
            ownPorts.insert(port)
            logger.notice("listening for operators", metadata: ["host": "\(admin.host)", "port": "\(port)"])
        }
    }

    /// The libraries' own lines matter to who debugs them, not to who runs the service.
    private var quiet: Logger {
        var logger = logger
        logger.logLevel = max(.warning, logger.logLevel)
        return logger
    }
}
