extension JSON {
    /// Parses one JSON text (RFC 8259), in time linear to its length.
    ///
    /// Strict, except for what real senders do and every reader bears: a byte order mark at the start is skipped, and half of a
    /// surrogate pair (`"\ud800"`) becomes U+FFFD. Of a member that comes twice the last value counts.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8.
    ///   - depthLimit: so many arrays and objects deep at most.
    public init(parsing bytes: some Collection<UInt8>, depthLimit: Int = 128) throws(JSONError) {
        var parser = JSONParser(Array(bytes), depthLimit: depthLimit)
        self = try parser.parse()
    }
}

/// A recursive descent over a buffer of bytes; the depth limit bounds the stack.
struct JSONParser {
    private let bytes: [UInt8]
    private let depthLimit: Int
    private var position = 0

    init(_ bytes: [UInt8], depthLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
    }

    mutating func parse() throws(JSONError) -> JSON {
        if bytes.starts(with: ByteOrderMark.utf8) { position = ByteOrderMark.utf8.count }
        skipWhitespace()
        let value = try parseValue(depth: 0)
        skipWhitespace()
        guard position == bytes.count else { throw unexpected("the end of the text") }
        return value
    }

    // MARK: Values

    private mutating func parseValue(depth: Int) throws(JSONError) -> JSON {
        switch peek {
        case UInt8(ascii: "{"): return .object(try parseObject(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try parseArray(depth: depth + 1))
        case UInt8(ascii: "\""): return .string(try parseString())
        case .some(UInt8(ascii: "-")), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return .number(try parseNumber())
        case UInt8(ascii: "t"): return try parse("true", as: true)
        case UInt8(ascii: "f"): return try parse("false", as: false)
        case UInt8(ascii: "n"): return try parse("null", as: .null)
        default: throw unexpected("a value")
        }
    }

    private mutating func parseObject(depth: Int) throws(JSONError) -> JSONObject {
        try enter(depth)
        var object = JSONObject()
        skipWhitespace()
        if skip("}") { return object }
        while true {
            guard peek == UInt8(ascii: "\"") else { throw unexpected("a member's name in quotes") }
            let name = try parseString()
            skipWhitespace()
            guard skip(":") else { throw unexpected("':' after a member's name") }
            skipWhitespace()
            object[name] = try parseValue(depth: depth)
            skipWhitespace()
            if skip("}") { return object }
            guard skip(",") else { throw unexpected("',' or '}' after a member") }
            skipWhitespace()
        }
    }

    private mutating func parseArray(depth: Int) throws(JSONError) -> [JSON] {
        try enter(depth)
        var array: [JSON] = []
        skipWhitespace()
        if skip("]") { return array }
        while true {
            array.append(try parseValue(depth: depth))
            skipWhitespace()
            if skip("]") { return array }
            guard skip(",") else { throw unexpected("',' or ']' after an element") }
            skipWhitespace()
        }
    }

    /// Steps over the opening bracket.
    private mutating func enter(_ depth: Int) throws(JSONError) {
        guard depth <= depthLimit else { throw error("nested more than \(depthLimit) deep") }
        position += 1
    }

    private mutating func parse(_ word: StaticString, as value: JSON) throws(JSONError) -> JSON {
        let end = position + word.utf8CodeUnitCount
        let matches = word.withUTF8Buffer { end <= bytes.count && bytes[position..<end].elementsEqual($0) }
        guard matches else { throw error("expected a value, found a word that is not true, false or null") }
        position = end
        return value
    }

    private mutating func parseNumber() throws(JSONError) -> JSONNumber {
        let start = position
        _ = skip("-")
        if !skip("0") { try skipDigits("a digit") }
        if skip(".") { try skipDigits("a digit after the decimal point") }
        if skip("e") || skip("E") {
            _ = skip("+") || skip("-")
            try skipDigits("a digit of the exponent")
        }
        return JSONNumber(checked: String(decoding: bytes[start..<position], as: UTF8.self))
    }

    /// Steps over one digit or more.
    private mutating func skipDigits(_ expected: String) throws(JSONError) {
        let start = position
        while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        guard position > start else { throw unexpected(expected) }
    }

    // MARK: Strings

    private mutating func parseString() throws(JSONError) -> String {
        let opening = position
        position += 1
        var decoded: [UInt8] = []  // everything before the last escape, and that
        var start = position
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                let rest = bytes[start..<position]
                position += 1
                let text = decoded.isEmpty ? Self.text(rest) : Self.text(decoded + rest)
                guard let text else { throw error("the string that begins here is not UTF-8", at: opening) }
                return text
            case UInt8(ascii: "\\"):
                decoded.append(contentsOf: bytes[start..<position])
                position += 1
                decoded.append(contentsOf: UTF8.bytes(of: try parseEscape()))
                start = position
            case 0..<0x20: throw error("a control character inside a string must be written as an escape")
            default: position += 1
            }
        }
        throw error("the string that begins here does not end", at: opening)
    }

    private static func text(_ bytes: some Collection<UInt8>) -> String? {
        bytes.withContiguousStorageIfAvailable { String(validating: $0, as: UTF8.self) }
            ?? String(validating: bytes, as: UTF8.self)
    }

    private mutating func parseEscape() throws(JSONError) -> Unicode.Scalar {
        guard let byte = peek else { throw unexpected("an escape after '\\'") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try parseUnicodeEscape()
        default:
            position -= 1
            throw unexpected("an escape after '\\'")
        }
    }

    private mutating func parseUnicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let unit = try parseHexUnit()
        guard UTF16.isLeadSurrogate(unit) else { return Unicode.Scalar(unit) ?? "\u{FFFD}" }
        let afterLead = position
        if skip("\\"), skip("u") {
            let trail = try parseHexUnit()
            if UTF16.isTrailSurrogate(trail) { return UTF16.decode(UTF16.EncodedScalar([unit, trail])) }
        }
        position = afterLead
        return "\u{FFFD}"
    }

    private mutating func parseHexUnit() throws(JSONError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw unexpected("four hexadecimal digits after '\\u'")
            }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }

    // MARK: Bytes

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipWhitespace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private func error(_ problem: String, at offset: Int? = nil) -> JSONError {
        JSONError(problem, at: offset ?? position, in: bytes)
    }

    private func unexpected(_ expected: String) -> JSONError {
        let found =
            switch peek {
            case nil: "the end of the text"
            case .some(let byte) where (0x21...0x7E).contains(byte): "'\(Unicode.Scalar(byte))'"
            case .some(let byte): "the byte 0x\(String(byte, radix: 16, uppercase: true))"
            }
        return error("expected \(expected), found \(found)")
    }
}

enum ByteOrderMark {
    /// Some editors and senders begin a text with it; it means nothing in UTF-8.
    static let utf8: [UInt8] = [0xEF, 0xBB, 0xBF]
}

extension UTF8 {
    fileprivate static func bytes(of scalar: Unicode.Scalar) -> some Sequence<UInt8> { String(Character(scalar)).utf8 }
}
