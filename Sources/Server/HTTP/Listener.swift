import Glibc
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// One port, and what answers there.
struct Listener<Responder: HTTPResponder>: Service where Responder.Context == BasicRequestContext {
    let host: String
    /// 0 lets the system choose.
    let port: Int
    /// The settings that name host and port.
    let settings: String
    let responder: Responder
    let logger: Logger
    /// How long requests that are on their way may take to come to their end once the shutdown has begun.
    var drainLimit = Duration.seconds(5)
    /// Told the port when requests are taken.
    let onListening: @Sendable (_ port: Int) -> Void

    /// - Throws: ``ServiceError`` if the port cannot be had, which names address and settings: the libraries name neither.
    func run() async throws {
        let state = State()
        let application = Application(
            responder: responder,
            server: .http1(configuration: .init(idleTimeout: .seconds(60))),
            configuration: .init(address: .hostname(host, port: port), serverName: "generic-executor-service"),
            onServerRunning: { channel in
                state.isListening.store(true, ordering: .relaxed)
                onListening(channel.localAddress?.port ?? port)
            },
            logger: logger
        )
        do {
            try await run(application)
        } catch let error where !(error is CancellationError) && !state.isListening.load(ordering: .relaxed) {
            throw ServiceError("cannot listen on \(host) port \(port): \(Self.reason(error)); see \(settings)")
        }
    }

    /// A request whose end never comes must not keep the service from its own.
    private func run(_ application: some ApplicationProtocol) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            group.addTask {
                try await gracefulShutdown()
                try await Task.sleep(for: drainLimit)
            }
            // The first task ends when the last connection is closed, the second when time is up.
            try await group.next()
            group.cancelAll()
            while let result = await group.nextResult() {
                if case .failure(let error) = result, !(error is CancellationError) { throw error }
            }
        }
    }

    private final class State: Sendable {
        let isListening = Atomic(false)
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case let error as SocketAddressError.UnknownHost: "the host is unknown (\(error.host))"
        default: "\(error)"
        }
    }
}
