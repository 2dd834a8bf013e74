import Basics

/// PEM (RFC 7468) as people hand it on.
enum PEMText {
    /// - Parameter text: PEM, or Base64 of it in lines or in one piece; line ends of any kind, `\n` written out too.
    /// - Returns: the same with a line feed at the end of each line, which ssh insists on; nil for anything else.
    static func read(_ text: String) -> String? {
        if let pem = lines(of: text) { return pem }
        let letters = text.filter { !$0.isWhitespace }
        let padding = String(repeating: "=", count: (4 - letters.utf8.count % 4) % 4)
        guard let bytes = Base64.decode(letters + padding), let decoded = String(validating: bytes, as: UTF8.self) else {
            return nil
        }
        return lines(of: decoded)
    }

    private static func lines(of text: String) -> String? {
        guard text.contains("-----BEGIN "), text.contains("-----END "), !text.utf8.contains(0) else { return nil }
        let text = text.contains(where: \.isNewline) ? text : text.replacing("\\r", with: "").replacing("\\n", with: "\n")
        var lines: [String] = []
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(\.trimmed) {
            // An empty line means something after the headers of a key, and nothing elsewhere.
            if !line.isEmpty || lines.last?.contains(":") == true { lines.append(line) }
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// The lines that hold what is encoded: what must not be seen of a private key.
    static func body(of pem: String) -> [String] {
        pem.split(whereSeparator: \.isNewline).map(\.trimmed).filter { $0.count >= 8 && !$0.hasPrefix("-") && !$0.contains(":") }
    }
}
