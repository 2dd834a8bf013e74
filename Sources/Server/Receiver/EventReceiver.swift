import Basics
import CloudEvents
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// The HTTP face towards senders: events in at one path, health and readiness beside it (CloudEvents HTTP binding and webhook spec).
struct EventReceiver: HTTPResponder {
    typealias Context = BasicRequestContext

    private let path: String
    private let token: String?
    private let bodyLimit: Int
    private let inbox: Inbox
    private let readiness: Readiness

    /// - Parameters:
    ///   - path: where events are posted; all other paths but `/health` and `/ready` are 404.
    ///   - token: the bearer token that senders must show, if any.
    ///   - bodyLimit: the most bytes of a body.
    init(path: String, token: String?, bodyLimit: Int, inbox: Inbox, readiness: Readiness) {
        self.path = path
        self.token = token
        self.bodyLimit = bodyLimit
        self.inbox = inbox
        self.readiness = readiness
    }

    func respond(to request: Request, context: Context) async throws -> Response {
        switch request.uri.path {
        case path where request.method == .post: return await receive(request)
        case path where request.method == .options: return handshake(request)
        case "/health" where request.method == .get: return Self.json(.ok, ["status": "ok"])
        case "/ready" where request.method == .get:
            guard let reason = readiness.reason else { return Self.json(.ok, ["status": "ready"]) }
            return Self.json(.serviceUnavailable, ["status": "not ready", "reason": .string(reason)])
        case path:
            return Self.refusal(.methodNotAllowed, "events are posted: use POST", headers: [.allow: "POST, OPTIONS"])
        default:
            return Self.refusal(.notFound, "nothing is served at this path; events are posted to \(path)")
        }
    }

    private func receive(_ request: Request) async -> Response {
        if let token {
            guard let shown = request.headers[.authorization], Self.isEqual(shown, "Bearer \(token)") else {
                return Self.refusal(
                    .unauthorized,
                    "a bearer token is required: send 'Authorization: Bearer TOKEN' with the token of RCV_TOKEN",
                    headers: [.wwwAuthenticate: "Bearer"]
                )
            }
        }
        let body: [UInt8]
        do {
            body = Array(try await request.body.collect(upTo: bodyLimit).readableBytesView)
        } catch is NIOTooManyBytesError {
            return Self.refusal(.contentTooLarge, "the body is larger than \(ByteCount.text(bodyLimit)) (RCV_BODY_LIMIT)")
        } catch {
            return Self.refusal(.badRequest, "the body could not be read to its end")
        }
        do {
            let headers = request.headers.map { (name: $0.name.rawName, value: $0.value) }
            let events = try EventDecoder.decode(headers: headers, body: body, now: .now())
            return try answer(to: events, isBatch: body.first { !$0.isJSONSpace } == UInt8(ascii: "["))
        } catch let error as EventError {
            return Self.refusal(error.kind == .unsupportedMediaType ? .unsupportedMediaType : .badRequest, "\(error)")
        } catch {
            return Self.refusal(.internalServerError, "the event could not be accepted")
        }
    }

    private func answer(to events: [CloudEvent], isBatch: Bool) throws -> Response {
        do throws(InboxError) {
            let receipts = try inbox.accept(events)
            let bodies = receipts.map { JSON.object(["id": .string($0.id), "run": .string($0.run)]) }
            let status: HTTPResponse.Status = receipts.contains(where: \.isNew) ? .accepted : .ok
            return Self.json(status, isBatch || bodies.count != 1 ? .array(bodies) : bodies[0])
        } catch {
            let reason =
                switch error {
                case .full(let limit): "\(limit) events or answers wait already (QUEUE_LIMIT); send it again later"
                case .closed: "the service is shutting down; send it again later"
                }
            return Self.refusal(.serviceUnavailable, reason, headers: [.retryAfter: "5"])
        }
    }

    /// The abuse protection handshake of the CloudEvents webhook specification, section 4.
    private func handshake(_ request: Request) -> Response {
        guard let name = HTTPField.Name("WebHook-Request-Origin"), let origin = request.headers[name] else {
            return Response(status: .noContent, headers: [.allow: "POST, OPTIONS"])
        }
        var headers: HTTPFields = [.allow: "POST, OPTIONS"]
        for (name, value) in [("WebHook-Allowed-Origin", origin), ("WebHook-Allowed-Rate", "*")] {
            if let field = HTTPField.Name(name) { headers[field] = value }
        }
        return Response(status: .ok, headers: headers)
    }

    private static func refusal(_ status: HTTPResponse.Status, _ reason: String, headers: HTTPFields = [:]) -> Response {
        json(status, ["error": .string(reason)], headers: headers)
    }

    private static func json(_ status: HTTPResponse.Status, _ body: JSON, headers: HTTPFields = [:]) -> Response {
        var headers = headers
        headers[.contentType] = "application/json"
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: body.serialized() + [0x0A])))
    }

    /// Compares in a time that tells nothing of where two texts differ.
    private static func isEqual(_ left: String, _ right: String) -> Bool {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(0) { $0 | $1.0 ^ $1.1 } == 0
    }
}

extension UInt8 {
    /// White space of JSON (RFC 8259, section 2), and the bytes of a byte order mark.
    fileprivate var isJSONSpace: Bool { [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains(self) }
}
