import Basics

extension EventDecoder {
    /// One event whose attributes are `ce-` headers and whose data is the body (HTTP binding 1.0, section 3.1).
    ///
    /// - Parameter headers: with names in lower case.
    static func decode(
        binary headers: [(name: String, value: String)],
        body: [UInt8],
        contentType: String,
        now: Timestamp
    ) throws(EventError) -> CloudEvent {
        var object = JSONObject()
        for (name, value) in headers where name.hasPrefix("ce-") && name.utf8.count > 3 {
            let attribute = String(name.dropFirst(3))
            guard object[attribute] == nil else { throw .badRequest("the header '\(name)' comes twice") }
            // Data is the body alone; its encoding is HTTP's business.
            guard !["data", "data_base64", "datacontentencoding"].contains(attribute) else { continue }
            guard let text = HeaderValue.decode(value) else {
                throw .badRequest("the header '\(name)' is not UTF-8 after percent-decoding")
            }
            object[attribute] = .string(text)
        }
        if !contentType.isEmpty { object["datacontenttype"] = .string(contentType) }
        let attributes = EventAttributes(object)
        let declared = try attributes.contentType()
        return try attributes.event(
            data: body.isEmpty ? nil : CloudEvent.Payload(body, contentType: declared),
            raw: nil,
            now: now
        )
    }
}

/// The encoding of attributes in HTTP headers (HTTP binding 1.0, section 3.1.3.2).
enum HeaderValue {
    /// The attribute's text: out of its quotes first, then percent-decoded once. A `%` that begins no `%XX` stays.
    ///
    /// - Returns: nil if the bytes that come out are not UTF-8.
    static func decode(_ value: String) -> String? {
        let bytes = unquoted(Array(value[...].trimmed.utf8))
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
                let high = hexDigit(bytes[index + 1]), let low = hexDigit(bytes[index + 2])
            {
                decoded.append(high << 4 | low)
                index += 3
            } else {
                decoded.append(bytes[index])
                index += 1
            }
        }
        return String(validating: decoded, as: UTF8.self)
    }

    /// Without the quotes around it and the backslashes in it, where it is a quoted string.
    private static func unquoted(_ bytes: [UInt8]) -> [UInt8] {
        let quote = UInt8(ascii: "\"")
        guard bytes.count >= 2, bytes.first == quote, bytes.last == quote else { return bytes }
        var text: [UInt8] = []
        var isEscaped = false
        for byte in bytes.dropFirst().dropLast() {
            isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
            if !isEscaped { text.append(byte) }
        }
        return text
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
