import Basics

/// Reads events as they come over HTTP or from files (CloudEvents 0.2, 0.3 and 1.0; HTTP binding, JSON format and JSON batch format).
///
/// Lenient where real senders are careless and nothing is lost by it: a byte order mark, `application/json` for a structured event,
/// no content type, no time, `null` and `""` for what is absent. Strict about everything that decides what is run.
public enum EventDecoder {
    /// The events of one request; several, or none at all, only if it is a batch.
    ///
    /// - Parameters:
    ///   - headers: names in any case, values as they came.
    ///   - now: the time of events that do not say theirs.
    /// - Throws: for the whole request if any of its events is wrong.
    public static func decode(
        headers: [(name: String, value: String)],
        body: [UInt8],
        now: Timestamp
    ) throws(EventError) -> [CloudEvent] {
        let headers = headers.map { (name: $0.name.lowercased(), value: $0.value) }
        let contentTypeText = headers.first { $0.name == "content-type" }?.value[...].trimmed ?? ""
        let contentType = ContentType(contentTypeText)
        switch contentType.mediaType {
        case "application/cloudevents+json":
            try requireUTF8(contentType)
            return [try decode(structured: body, now: now)]
        case "application/cloudevents-batch+json":
            try requireUTF8(contentType)
            return try decode(batch: body, now: now)
        case let other where other.hasPrefix("application/cloudevents"):
            throw unsupported(contentTypeText)
        case _ where headers.contains { $0.name == "ce-specversion" }:
            return [try decode(binary: headers, body: body, contentType: contentTypeText, now: now)]
        case "application/json", "text/json", "":
            return [try decode(plain: body, contentType: contentTypeText, headers: headers, now: now)]
        default:
            throw headers.contains { $0.name.hasPrefix("ce-") } ? missingVersion : unsupported(contentTypeText)
        }
    }

    /// One event as JSON, from a file or a body.
    public static func decode(structured body: [UInt8], now: Timestamp) throws(EventError) -> CloudEvent {
        try StructuredEvent(try object(parsing: body), raw: body.withoutByteOrderMark, now: now).decode()
    }

    /// A JSON text that says by its `specversion` alone that it is an event.
    private static func decode(
        plain body: [UInt8],
        contentType: String,
        headers: [(name: String, value: String)],
        now: Timestamp
    ) throws(EventError) -> CloudEvent {
        let object: JSONObject
        do {
            object = try self.object(parsing: body)
        } catch {
            throw contentType.isEmpty ? unsupported(contentType) : error
        }
        guard object["specversion"] != nil else {
            throw headers.contains { ["ce-id", "ce-source", "ce-type"].contains($0.name) }
                ? missingVersion
                : .badRequest(
                    "the body is JSON but no CloudEvent: the attribute 'specversion' is missing, and so are ce- headers"
                )
        }
        return try StructuredEvent(object, raw: body.withoutByteOrderMark, now: now).decode()
    }

    private static func decode(batch body: [UInt8], now: Timestamp) throws(EventError) -> [CloudEvent] {
        guard case .array(let elements) = try json(parsing: body) else {
            throw .badRequest("the body is no batch of CloudEvents: a JSON array is expected")
        }
        var events: [CloudEvent] = []
        for (index, element) in elements.enumerated() {
            guard case .object(let object) = element else {
                throw .badRequest("element \(index) of the batch is no CloudEvent: a JSON object is expected")
            }
            do throws(EventError) {
                events.append(try StructuredEvent(object, raw: element.serialized(), now: now).decode())
            } catch {
                throw EventError(error.kind, "element \(index) of the batch: \(error)")
            }
        }
        return events
    }

    private static func object(parsing body: [UInt8]) throws(EventError) -> JSONObject {
        guard case .object(let object) = try json(parsing: body) else {
            throw .badRequest("the body is no CloudEvent: a JSON object is expected")
        }
        return object
    }

    private static func json(parsing body: [UInt8]) throws(EventError) -> JSON {
        do throws(JSONError) { return try JSON(parsing: body) } catch { throw .badRequest("the body is \(error)") }
    }

    private static func requireUTF8(_ contentType: ContentType) throws(EventError) {
        guard contentType.isUTF8 else {
            throw EventError(
                .unsupportedMediaType,
                "the charset '\(contentType.charset?.prefix(40) ?? "")' is not supported: JSON events are UTF-8"
            )
        }
    }

    private static func unsupported(_ contentType: String) -> EventError {
        let found = contentType.isEmpty ? "a body without content type" : "the content type '\(contentType.prefix(100))'"
        return EventError(
            .unsupportedMediaType,
            "\(found) is no CloudEvent: send application/cloudevents+json, application/cloudevents-batch+json or ce- headers"
        )
    }

    private static let missingVersion = EventError.badRequest(
        "the header 'ce-specversion' is missing beside the other ce- headers"
    )
}

extension [UInt8] {
    fileprivate var withoutByteOrderMark: [UInt8] {
        starts(with: ByteOrderMark.utf8) ? Array(dropFirst(ByteOrderMark.utf8.count)) : self
    }
}
