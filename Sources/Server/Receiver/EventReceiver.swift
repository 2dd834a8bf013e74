import Basics
import CloudEvents
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import RepoCache

/// The HTTP face towards senders: events in at one path, push webhooks, health and readiness beside it (CloudEvents HTTP binding and
/// webhook spec).
struct EventReceiver: HTTPResponder {
    typealias Context = BasicRequestContext

    /// Where events are posted.
    let path: String
    /// What senders of events must show, if anything.
    let token: BearerToken?
    /// The most bytes of a body.
    let bodyLimit: Int
    let inbox: Inbox
    let readiness: Readiness
    let webhooks: WebhookReceiver
    let metrics: ServiceMetrics

    /// Probes wait a few seconds; how the repositories are is worth less of it.
    private static let lookLimit = Duration.seconds(1)

    func respond(to request: Request, context: Context) async throws -> Response {
        switch request.uri.path {
        case WebhookReceiver.path: return await webhooks.respond(to: request)
        case path where request.method == .post: return await receive(request)
        case path where request.method == .options: return handshake(request)
        case "/health" where request.isRead: return Response.json(.ok, ["status": "ok"]).answering(request)
        case "/ready" where request.isRead: return await ready().answering(request)
        case path: return .notAllowed("events are posted: use POST", allow: "POST, OPTIONS")
        default: return .refusal(.notFound, "nothing is served at this path; events are posted to \(path)")
        }
    }

    private func ready() async -> Response {
        var states: [RepositoryStatus]?
        if let cache = webhooks.cache {
            states = try? await withDeadline(.after(Self.lookLimit)) { await cache.status() }
        }
        var reason = readiness.reason
        if reason == nil { reason = await inbox.failure()?.description }
        return .json(reason == nil ? .ok : .serviceUnavailable, ReadyDocument.json(reason: reason, states: states))
    }

    private func receive(_ request: Request) async -> Response {
        if let refusal = token?.refusal(of: request) {
            metrics.count(.unauthorized)
            return refusal
        }
        let body: [UInt8]
        do {
            body = Array(try await request.body.collect(upTo: bodyLimit).readableBytesView)
        } catch is NIOTooManyBytesError {
            metrics.count(.refused)
            return .refusal(.contentTooLarge, "the body is larger than \(ByteCount.text(bodyLimit)) (RCV_BODY_LIMIT)")
        } catch {
            metrics.count(.refused)
            return .refusal(.badRequest, "the body could not be read to its end")
        }
        let headers = request.headers.map { (name: $0.name.rawName, value: $0.value) }
        let events: [CloudEvent]
        do throws(EventError) {
            events = try EventDecoder.decode(headers: headers, body: body, now: .now())
        } catch {
            metrics.count(.refused)
            return .refusal(error.kind == .unsupportedMediaType ? .unsupportedMediaType : .badRequest, "\(error)")
        }
        return await answer(to: events, isBatch: body.first { !$0.isJSONSpace } == UInt8(ascii: "["))
    }

    private func answer(to events: [CloudEvent], isBatch: Bool) async -> Response {
        do throws(InboxError) {
            let receipts = try await inbox.accept(events)
            let bodies = receipts.map { JSON.object(["id": .string($0.id), "run": .string($0.run)]) }
            let accepted = receipts.count(where: \.isNew)
            metrics.count(.accepted, events: accepted)
            metrics.count(.known, events: receipts.count - accepted)
            let status: HTTPResponse.Status = accepted > 0 ? .accepted : .ok
            return .json(status, isBatch || bodies.count != 1 ? .array(bodies) : bodies[0])
        } catch {
            metrics.count(.busy, events: events.count)
            return .refusal(.serviceUnavailable, "\(error)", headers: [.retryAfter: "5"])
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
}

extension UInt8 {
    /// White space of JSON (RFC 8259, section 2), and the bytes of a byte order mark.
    fileprivate var isJSONSpace: Bool { [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains(self) }
}
