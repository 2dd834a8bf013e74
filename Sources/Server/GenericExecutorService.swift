import Basics
import Executor
import Glibc
import Hummingbird
import HummingbirdCore
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
    private let logger: Logger

    /// - Throws: what keeps the parts from being made: a directory that cannot be used, an interpreter that is missing.
    public init(_ configuration: ServiceConfiguration, logger: Logger) throws {
        self.configuration = configuration
        self.logger = logger
        try Self.make(configuration.cacheDirectory, "CACHE_DIRECTORY")
        try Self.make(configuration.dataDirectory, "DATA_DIRECTORY")
        self.parts = try Parts(configuration, logger: logger)
        // Before the sweep: what lies there may belong to a service that runs.
        self.runsLock = try Self.lock(configuration.executor.runsDirectory)
        parts.executor.sweep()
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
        logger.notice("the queue is in memory: events that wait are lost if the process is killed")
        let readiness = Readiness()
        let outbox = Outbox(delivery: parts.delivery, flushTimeout: .seconds(5), logger: logger)
        let inbox = Inbox(limit: configuration.receive.queueLimit, backlog: { outbox.depth })
        let pipeline = PipelineService(
            pipeline: parts.pipeline { outbox.append($0) },
            inbox: inbox,
            shutdownTimeout: configuration.shutdownTimeout,
            logger: logger
        )
        // Ended in reverse order: nothing comes in, then what is in hand is done, then its answers are sent.
        var group = ServiceGroupConfiguration(
            services: [
                .init(service: outbox),
                .init(service: pipeline),
                .init(service: application(inbox: inbox, readiness: readiness)),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: quiet
        )
        group.maximumGracefulShutdownDuration = configuration.shutdownTimeout + configuration.executor.grace + .seconds(20)
        group.maximumCancellationDuration = configuration.executor.grace + .seconds(5)
        do {
            try await ServiceGroup(configuration: group).run()
        } catch let error where readiness.reason == Readiness.starting {
            throw listenError(error)
        }
        logger.notice("stopped")
    }

    /// NIO names neither the address nor the setting.
    private func listenError(_ error: any Error) -> ServiceError {
        let receive = configuration.receive
        let reason =
            switch error {
            case let error as IOError: String(cString: strerror(error.errnoCode))
            case let error as SocketAddressError.UnknownHost: "the host is unknown (\(error.host))"
            default: "\(error)"
            }
        return ServiceError("cannot listen on \(receive.host) port \(receive.port): \(reason); see RCV_HOST and RCV_PORT")
    }

    private func application(inbox: Inbox, readiness: Readiness) -> some Service {
        let receive = configuration.receive
        return Application(
            responder: EventReceiver(
                path: receive.path,
                token: receive.token,
                bodyLimit: receive.bodyLimit,
                inbox: inbox,
                readiness: readiness
            ),
            server: .http1(configuration: .init(idleTimeout: .seconds(60))),
            configuration: .init(address: .hostname(receive.host, port: receive.port), serverName: "generic-executor-service"),
            onServerRunning: { [logger] channel in
                readiness.set(nil)
                logger.notice(
                    "listening",
                    metadata: [
                        "host": "\(receive.host)", "port": "\(channel.localAddress?.port ?? receive.port)",
                        "path": "\(receive.path)",
                    ]
                )
            },
            logger: quiet
        )
    }

    /// The libraries' own lines matter to who debugs them, not to who runs the service.
    private var quiet: Logger {
        var logger = logger
        logger.logLevel = max(.warning, logger.logLevel)
        return logger
    }
}
