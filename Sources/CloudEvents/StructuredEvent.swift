import Basics

/// One event as a JSON object (CloudEvents JSON format 1.0, section 3, and its forerunners).
struct StructuredEvent {
    private let object: JSONObject
    private let attributes: EventAttributes
    private let raw: [UInt8]
    private let now: Timestamp

    init(_ object: JSONObject, raw: [UInt8], now: Timestamp) {
        self.object = object
        self.attributes = EventAttributes(object)
        self.raw = raw
        self.now = now
    }

    func decode() throws(EventError) -> CloudEvent { try attributes.event(data: try payload(), raw: raw, now: now) }

    private func payload() throws(EventError) -> CloudEvent.Payload? {
        let contentType = try attributes.contentType()
        // A null is no data, as Go's decoder has it.
        let data = object["data"].flatMap { $0.isNull ? JSON?.none : $0 }
        if let encoded = object["data_base64"], !encoded.isNull {
            guard data == nil else { throw .badRequest("the event has both 'data' and 'data_base64': only one is allowed") }
            return try payload(base64: encoded, member: "data_base64", contentType: contentType)
        }
        guard let data else { return nil }
        if try attributes.optional("datacontentencoding")?.lowercased() == "base64" {
            return try payload(base64: data, member: "data", contentType: contentType)
        }
        // A string is the data itself unless the data is JSON: then it is a JSON string.
        if case .string(let text) = data, let contentType, !ContentType(contentType).isJSON { return .text(text) }
        return .json(data)
    }

    private func payload(
        base64 value: JSON,
        member: String,
        contentType: String?
    ) throws(EventError) -> CloudEvent.Payload {
        guard case .string(let text) = value, let bytes = Base64.decode(text) else {
            throw .badRequest("'\(member)' is not Base64 (RFC 4648, standard alphabet with padding)")
        }
        // Who sends Base64 without a type means bytes, also where they happen to be JSON.
        return contentType.map { CloudEvent.Payload(bytes, contentType: $0) } ?? .bytes(bytes)
    }
}
