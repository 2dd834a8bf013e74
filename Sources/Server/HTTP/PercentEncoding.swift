/// Percent-encoding of URLs (RFC 3986, section 2.1) and of forms.
enum PercentEncoding {
    /// - Parameter isForm: `+` stands for a space, as HTML forms are sent.
    /// - Returns: nil for a `%` without two hexadecimal digits after it.
    static func decode(_ text: some Collection<UInt8>, isForm: Bool = false) -> [UInt8]? {
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
    static func decode(_ text: some StringProtocol) -> String? {
        decode(Array(text.utf8)).flatMap { String(validating: $0, as: UTF8.self) }
    }
}
