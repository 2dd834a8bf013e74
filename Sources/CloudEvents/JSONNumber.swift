/// A JSON number, kept as the text that was read (RFC 8259, section 6).
///
/// Two numbers are equal if their texts are: `1.0` and `1` differ, as they do for a script that reads them.
public struct JSONNumber: Sendable, Hashable {
    /// Exactly as it was written: `1.10`, `1e3`, `12345678901234567890`.
    public let text: String

    public init(_ value: Int) { text = String(value) }

    public init(_ value: Int64) { text = String(value) }

    /// - Parameter value: a finite number; anything else becomes 0, for JSON cannot say it.
    public init(_ value: Double) {
        if let whole = Int64(exactly: value) {
            text = String(whole)
        } else {
            text = value.isFinite ? "\(value)" : "0"
        }
    }

    /// - Parameter text: must follow the grammar of JSON numbers; the parser has checked it.
    init(checked text: String) { self.text = text }

    /// The text for people and scripts: a whole number written with an exponent is spelled out (`1e3` is `1000`) as long as it
    /// fits 64 bits; everything else stays as it was written.
    public var plainText: String {
        guard text.utf8.contains(where: { $0 | 0x20 == UInt8(ascii: "e") }), let whole else { return text }
        return String(whole)
    }

    /// The value, if it is whole and fits; `1.0` and `1e3` are whole.
    public var int: Int? { Int(text) ?? whole }

    public var double: Double? { Double(text) }

    /// The exact value of a whole number below 2^63, in whatever way it was written; never by way of a rounded `Double`.
    private var whole: Int? {
        let parts = text.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
        guard let mantissa = parts.first, let exponent = parts.count == 2 ? Int(parts[1]) : 0 else { return nil }
        let isNegative = mantissa.hasPrefix("-")
        let pieces = mantissa.drop { $0 == "-" }.split(separator: ".", maxSplits: 1)
        guard let integer = pieces.first else { return nil }
        let fraction = pieces.count == 2 ? String(pieces[1].trimmingZeros) : ""

        let digits = String((integer + fraction).drop { $0 == "0" })
        if digits.isEmpty { return 0 }
        // The number is `digits` times ten to the power of `scale`; Int64 has at most 19 digits.
        guard (-65_536...65_536).contains(exponent) else { return nil }
        let scale = exponent - fraction.utf8.count
        if scale >= 0 {
            guard digits.utf8.count + scale <= 19 else { return nil }
            return Int((isNegative ? "-" : "") + digits + String(repeating: "0", count: scale))
        }
        let dropped = digits.suffix(-scale)
        guard dropped.utf8.count == -scale, dropped.allSatisfy({ $0 == "0" }) else { return nil }
        return Int((isNegative ? "-" : "") + digits.dropLast(-scale))
    }
}

extension Substring {
    /// Without the zeros at its end.
    fileprivate var trimmingZeros: Substring {
        var rest = self
        while rest.last == "0" { rest.removeLast() }
        return rest
    }
}
