extension HTTPFileParser {
    /// Passes over what other clients run or write: `> {% ... %}`, `< {% ... %}`, `{{` to `}}` on lines of their own,
    /// `> file.js`, `<> file`, `>> file`.
    mutating func skipScript(_ line: HTTPFileLines.Line) throws(HTTPFileError) -> Bool {
        guard let end = Self.endOfScript(line.content) else {
            guard Self.isForeignFile(line.content) else { return false }
            warn("line \(line.number): scripts and response files are not supported, this one was skipped")
            lines.advance()
            return true
        }
        warn("line \(line.number): scripts are not supported, this one was skipped")
        while let next = lines.next() {
            if end == "}}" ? next.content == end : next.content.contains(end) { return true }
        }
        throw HTTPFileError("the script that begins here is not closed by '\(end)'", line: line.number)
    }

    /// What ends the script that begins on the line; nil for a line that begins none.
    private static func endOfScript(_ text: String) -> String? {
        if let first = text.first, first == ">" || first == "<", text.dropFirst().drop(while: \.isWhitespace).hasPrefix("{%") {
            return "%}"
        }
        let isBlock = text == "{{" || ((text.hasPrefix("{{@") || text.hasPrefix("{{+")) && !text.contains("}}"))
        return isBlock ? "}}" : nil
    }

    private static func isForeignFile(_ text: String) -> Bool {
        if text.hasPrefix("> ") { return [".js", ".mjs", ".cjs", ".ts"].contains { text.hasSuffix($0) } }
        return ["<> ", "<>\t", ">> ", ">>\t", ">>! ", ">>!\t"].contains { text.hasPrefix($0) }
    }
}
