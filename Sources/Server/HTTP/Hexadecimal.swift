import Basics

/// Bytes as two hexadecimal digits each, in either case.
enum Hexadecimal {
    /// - Returns: nil for a text that is anything else.
    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let digits = text.utf8.map(\.hexadecimalValue)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }
}
