/// The spellings in which a secret may turn up in an output: all of them are masked.
public enum SecretForms {
    /// Of a text that programs encode, fewer characters than this could be anything.
    private static let leastEncoded = 5
    /// A line of a key or a certificate that is shorter is no secret by itself.
    private static let leastLine = 8
    /// Of Base64 that is broken into lines.
    private static let charactersOfLine = 76
    private static let bytesOfLine = 57

    /// The secret itself, as URLs, forms, shells and JSON write it, and as it stands inside of a Base64 text, wherever in that it begins;
    /// of several lines, each by itself.
    public static func all(of secret: String) -> Set<String> {
        var forms: Set<String> = [secret]
        let encoded = [PercentEncoding.encode(secret), PercentEncoding.encodeForm(secret)]
        forms.formUnion(encoded)
        forms.formUnion(encoded.map(lowerCaseEscapes))
        forms.formUnion(JSONSpelling.all.map { $0.escape(secret) })
        // Between single quotes of a shell.
        forms.insert(secret.replacing("'", with: "'\\''"))
        forms.formUnion(insideBase64(Array(secret.utf8)))
        forms.formUnion(insideBase64Lines(Array(secret.utf8)))
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

    /// As the Base64 of a longer text in lines (RFC 2045, section 6.8; base64(1)) has it, wherever in a line it begins. For secrets
    /// of at least a line: of shorter ones a break leaves too little to be worth that many forms.
    private static func insideBase64Lines(_ bytes: [UInt8]) -> [String] {
        guard bytes.count >= bytesOfLine else { return [] }
        return (0..<bytesOfLine).map { offset in
            let text = Array(Base64.encode([UInt8](repeating: 0, count: offset) + bytes).utf8)
            var first = (offset * 8 + 5) / 6
            let end = (offset + bytes.count) * 8 / 6
            var lines: [Substring] = []
            while first < end {
                let next = min((first / charactersOfLine + 1) * charactersOfLine, end)
                lines.append(String(decoding: text[first..<next], as: UTF8.self)[...])
                first = next
            }
            return lines.joined(separator: "\n")
        }
    }
}
