/// Percent-encoding by place (RFC 3986, section 2.1).
enum PercentEncoding {
    private static let unreserved = Set(("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~").utf8)
    /// What a path holds as it is; `?` and `#` would end it.
    static let path = unreserved.union("!$&'()*+,;=:@/".utf8)
    /// What a value in a query holds as it is: `&` and `#` would end it, and `+` would be read as a space.
    static let query = path.union("?".utf8).subtracting("&+".utf8)
    static let userInfo = unreserved

    /// Encodes all bytes that are not allowed. A `%` that is part of a valid `%XX` stays: nothing is encoded twice.
    static func encode(_ text: String, allowed: Set<UInt8>) -> String {
        let bytes = Array(text.utf8)
        var encoded: [UInt8] = []
        encoded.reserveCapacity(bytes.count)
        for (index, byte) in bytes.enumerated() {
            let isEncodedAlready = byte == UInt8(ascii: "%") && bytes[(index + 1)...].prefix(2).count { $0.isHexDigit } == 2
            if allowed.contains(byte) || isEncodedAlready { encoded.append(byte) } else { encoded += hex(byte) }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// As `application/x-www-form-urlencoded` has it: a space is `+`, and a `%` is always encoded.
    static func encodeForm(_ text: String) -> String {
        let bytes = text.utf8.flatMap { byte -> [UInt8] in
            if byte == UInt8(ascii: " ") { return [UInt8(ascii: "+")] }
            return unreserved.contains(byte) ? [byte] : hex(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func hex(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
}

extension UInt8 {
    fileprivate var isHexDigit: Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self | 0x20)
    }
}
