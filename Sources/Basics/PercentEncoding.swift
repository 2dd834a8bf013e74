/// Percent-encoding of URLs by place (RFC 3986, section 2.1), and of forms.
public enum PercentEncoding {
    private static let unreserved = Set(("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~").utf8)
    /// What a path holds as it is; `?` and `#` would end it.
    public static let path = unreserved.union("!$&'()*+,;=:@/".utf8)
    /// What a value in a query holds as it is: `&` and `#` would end it, and `+` would be read as a space.
    public static let query = path.union("?".utf8).subtracting("&+".utf8)
    public static let userInfo = unreserved

    /// Encodes all bytes that are not allowed. A `%` that is part of a valid `%XX` stays: nothing is encoded twice.
    public static func encode(_ text: String, allowed: Set<UInt8>) -> String {
        let bytes = Array(text.utf8)
        var encoded: [UInt8] = []
        encoded.reserveCapacity(bytes.count)
        for (index, byte) in bytes.enumerated() {
            let isEncodedAlready =
                byte == UInt8(ascii: "%") && bytes[(index + 1)...].prefix(2).count { $0.hexadecimalValue != nil } == 2
            if allowed.contains(byte) || isEncodedAlready { encoded.append(byte) } else { encoded += hex(byte) }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// As `application/x-www-form-urlencoded` has it: a space is `+`, and a `%` is always encoded.
    public static func encodeForm(_ text: String) -> String {
        let bytes = text.utf8.flatMap { byte -> [UInt8] in
            if byte == UInt8(ascii: " ") { return [UInt8(ascii: "+")] }
            return unreserved.contains(byte) ? [byte] : hex(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Encodes all but letters, digits, `-`, `.`, `_` and `~`, a `%` too.
    public static func encode(_ text: String) -> String {
        let bytes = text.utf8.flatMap { unreserved.contains($0) ? [$0] : hex($0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// - Parameter isForm: `+` stands for a space, as HTML forms are sent.
    /// - Returns: nil for a `%` without two hexadecimal digits after it.
    public static func decode(_ text: some Collection<UInt8>, isForm: Bool = false) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var rest = text[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst()?.hexadecimalValue, let low = rest.popFirst()?.hexadecimalValue else {
                    return nil
                }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where isForm: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return bytes
    }

    /// - Returns: nil for a text that is wrongly encoded or is not UTF-8 then.
    public static func decode(_ text: some StringProtocol) -> String? {
        decode(Array(text.utf8)).flatMap { String(validating: $0, as: UTF8.self) }
    }

    private static func hex(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        return [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
}

extension UInt8 {
    /// The value of a hexadecimal digit of either case; nil for every other byte.
    public var hexadecimalValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
