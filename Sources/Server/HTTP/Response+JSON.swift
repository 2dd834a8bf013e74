import CloudEvents
import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
    static func json(_ status: HTTPResponse.Status, _ body: JSON, headers: HTTPFields = [:]) -> Response {
        var headers = headers
        headers[.contentType] = "application/json"
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: body.serialized() + [0x0A])))
    }

    /// - Parameter reason: a sentence for the person who looks at the sender's log.
    static func refusal(_ status: HTTPResponse.Status, _ reason: String, headers: HTTPFields = [:]) -> Response {
        json(status, ["error": .string(reason)], headers: headers)
    }

    /// Without its body where only its head was asked for.
    func answering(_ request: Request) -> Response { request.method == .head ? createHeadResponse() : self }

    static func notAllowed(_ reason: String, allow: String) -> Response {
        refusal(.methodNotAllowed, reason, headers: [.allow: allow])
    }
}

extension Request {
    /// Whether the request asks for a representation, with its body (GET) or without (HEAD).
    var isRead: Bool { method == .get || method == .head }
}
