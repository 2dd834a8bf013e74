import CloudEvents
import Crypto
import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore

/// Which content an answer has (RFC 9110, section 8.8.3); weak, for it says nothing of the encoding.
struct EntityTag: Sendable, Hashable, CustomStringConvertible {
    let description: String

    init(of bytes: [UInt8]) {
        let digits = SHA256.hash(data: bytes).prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        description = "W/\"\(digits.joined())\""
    }

    /// Whether a client that sends this as `If-None-Match` has the content already.
    func matches(_ field: String) -> Bool {
        field.split(separator: ",").contains { item in
            let tag = item.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }
            return tag == "*" || Self.opaque(tag) == Self.opaque(description[...])
        }
    }

    private static func opaque(_ tag: Substring) -> Substring { tag.hasPrefix("W/") ? tag.dropFirst(2) : tag }
}

extension Response {
    /// 200 with the content, or 304 where the client has it already.
    static func json(_ body: JSON, for request: Request) -> Response {
        let bytes = body.serialized() + [0x0A]
        let tag = EntityTag(of: bytes)
        let headers: HTTPFields = [.eTag: tag.description, .cacheControl: "no-cache"]
        if let known = request.headers[.ifNoneMatch], tag.matches(known) {
            return Response(status: .notModified, headers: headers)
        }
        var all = headers
        all[.contentType] = "application/json"
        return Response(status: .ok, headers: all, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
