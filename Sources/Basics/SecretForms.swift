/// The spellings in which a secret may turn up in an output: all of them are masked.
public enum SecretForms {
    /// Of a text that programs encode, fewer characters than this could be anything.
    private static let leastEncoded = 5
    /// A line of a key or a certificate that is shorter is no secret by itself.
    private static let leastLine = 8

    /// The secret itself, as URLs, forms and JSON write it, and as it stands inside of a Base64 text, wherever in that it begins;
    /// of several lines, each by itself.
    public static func all(of secret: String) -> Set<String> {
        var forms: Set<String> = [secret]
        let encoded = [PercentEncoding.encode(secret), PercentEncoding.encodeForm(secret)]
        forms.formUnion(encoded)
        forms.formUnion(encoded.map(lowerCaseEscapes))
        forms.insert(jsonEscaped(secret))
        forms.formUnion(insideBase64(Array(secret.utf8)))
        let lines = secret.split(whereSeparator: \.isNewline)
        if lines.count > 1 {
            for line in lines.map(\.trimmed) where line.utf8.count >= leastLine && !line.hasPrefix("-----") { forms.insert(line) }
        }
        return forms
    }

    /// What stands for `bytes` in the Base64 of a longer text, in both alphabets. That depends on how many bytes are before them
    /// (modulo three); characters that stand for others, too, are left off at both ends.
    static func insideBase64(_ bytes: [UInt8]) -> [String] {
        let whole = Base64.encode(bytes)
        return [whole, whole.filter { $0 != "=" }]
            + (0..<3).flatMap { offset -> [String] in
                let text = Base64.encode([UInt8](repeating: 0, count: offset) + bytes)
                // Six bits a character: the first whole one, and as many as the bytes determine.
                let first = (offset * 8 + 5) / 6
                let end = (offset + bytes.count) * 8 / 6
                guard end - first >= leastEncoded else { return [] }
                let standard = String(decoding: Array(text.utf8)[first..<end], as: UTF8.self)
                let urlSafe = standard.replacing("+", with: "-").replacing("/", with: "_")
                return standard == urlSafe ? [standard] : [standard, urlSafe]
            }
    }

    /// `%2f` for `%2F`.
    private static func lowerCaseEscapes(_ text: String) -> String {
        var left = 0
        return String(
            text.map { character in
                if character == "%" { left = 3 }
                left -= 1
                return left >= 0 ? Character(character.lowercased()) : character
            }
        )
    }

    /// As it stands between quotes in JSON (RFC 8259, section 7).
    private static func jsonEscaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }
}
