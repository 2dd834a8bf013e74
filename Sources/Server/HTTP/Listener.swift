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
            try await application.run()
        } catch let error where !(error is CancellationError) && !state.isListening.load(ordering: .relaxed) {
            throw ServiceError("cannot listen on \(host) port \(port): \(Self.reason(error)); see \(settings)")
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
