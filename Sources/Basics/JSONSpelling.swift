/// How an encoder writes a text between quotes in JSON (RFC 8259, section 7): they differ in what they escape beyond what they must.
struct JSONSpelling {
    /// What most do, Go, Python, and PHP.
    static let all = [
        JSONSpelling(),
        JSONSpelling(escapesHTML: true),
        JSONSpelling(isASCII: true),
        JSONSpelling(isASCII: true, escapesSlash: true),
    ]

    /// Only ASCII is left.
    var isASCII = false
    /// What means something in HTML or ends a line in JavaScript.
    var escapesHTML = false
    var escapesSlash = false

    func escape(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{08}": result += "\\b"
            case "\u{0C}": result += "\\f"
            case "/" where escapesSlash: result += "\\/"
            case "&" where escapesHTML, "<" where escapesHTML, ">" where escapesHTML, "\u{2028}" where escapesHTML,
                "\u{2029}" where escapesHTML:
                result += Self.numbers(of: scalar)
            case _ where scalar.value < 0x20 || (isASCII && !scalar.isASCII): result += Self.numbers(of: scalar)
            default: result.unicodeScalars.append(scalar)
            }
        }
    }

    /// Two for a character that UTF-16 writes as a pair.
    private static func numbers(of scalar: Unicode.Scalar) -> String {
        scalar.utf16.map { unit in
            let digits = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
        .joined()
    }
}
