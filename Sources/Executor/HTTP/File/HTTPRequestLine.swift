import Basics

/// How the lines before a body are taken apart. Placeholders count as one word, whatever stands in them.
enum HTTPRequestLine {
    /// Those that are meant in lower case too.
    private static let usualMethods: Set = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]

    /// `[METHOD] URL [HTTP/1.1]`, any white space between; without a method it is GET.
    static func split(_ line: String) -> (method: String, url: String) {
        let words = words(of: withoutVersion(line))
        guard let first = words.first else { return ("GET", "") }
        // A method alone is a request without a URL; a URL is told by what no method can hold.
        if words.count == 1, !(isToken(first) && first == first.uppercased() && !first.contains("$") && !first.contains("{")) {
            return ("GET", first)
        }
        guard isToken(first) else { return ("GET", words.joined(separator: " ")) }
        let method = usualMethods.contains(first.uppercased()) ? first.uppercased() : first
        return (method, words.dropFirst().joined(separator: " "))
    }

    /// What another word than a method of HTTP stands for; nil for all others.
    static func unsupported(_ method: String) -> String? {
        switch method {
        case "GRAPHQL": "GraphQL"
        case "WEBSOCKET", "WS", "WSS": "WebSocket"
        case "GRPC": "gRPC"
        case "SSE", "EVENTSOURCE": "server-sent event"
        case "MQTT", "AMQP", "RSOCKET": method
        case "curl": "curl"
        default: nil
        }
    }

    /// Whether the line goes on with the URL of the line above it: it is indented, or begins a query or one more field of it.
    static func goesOn(_ line: HTTPFileLines.Line) -> Bool {
        guard !line.isBlank, !line.isComment, !line.isAssertion, !line.beginsBody else { return false }
        if line.content.hasPrefix("?") || line.content.hasPrefix("&") { return true }
        return line.isIndented && !line.content.hasPrefix(">") && !line.content.hasPrefix("@") && header(line) == nil
    }

    /// The line without an `HTTP/1.1` at its end, which must not become part of the URL.
    static func withoutVersion(_ line: String) -> String {
        guard let blank = line.lastIndex(where: \.isWhitespace), isVersion(line[blank...].dropFirst()) else { return line }
        return line[..<blank].trimmed
    }

    /// A header's name and value; nil for a line that is none.
    static func header(_ line: HTTPFileLines.Line) -> (name: String, value: String)? {
        guard let colon = line.content.firstIndex(of: ":") else { return nil }
        let name = line.content[..<colon].trimmed
        let rest = line.content[line.content.index(after: colon)...]
        guard isToken(name) else { return nil }
        // Files may be indented as a whole; a URL that goes on with the line above is no header.
        if line.isIndented, rest.hasPrefix("//") { return nil }
        return (name, rest.trimmed)
    }

    /// Splits at white space outside of `{{...}}` and `${...}`.
    private static func words(of line: String) -> [String] {
        var words: [String] = []
        var word = ""
        var rest = line[...]
        while let character = rest.first {
            if let placeholder = placeholder(at: rest) {
                word += placeholder
                rest = rest.dropFirst(placeholder.count)
                continue
            }
            rest.removeFirst()
            if !character.isWhitespace {
                word.append(character)
            } else if !word.isEmpty {
                words.append(word)
                word = ""
            }
        }
        return word.isEmpty ? words : words + [word]
    }

    private static func placeholder(at text: Substring) -> Substring? {
        for (opening, closing) in [("{{", "}}"), ("${", "}")] where text.hasPrefix(opening) {
            let reach = text.prefix(PlaceholderScanner.maximumLength)
            if let end = reach.firstRange(of: closing) { return text[..<end.upperBound] }
        }
        return nil
    }

    /// Whether the text, its placeholders taken out, is a token of HTTP.
    private static func isToken(_ text: String) -> Bool {
        var rest = text[...]
        while let character = rest.first {
            if let placeholder = placeholder(at: rest) {
                rest = rest.dropFirst(placeholder.count)
                continue
            }
            guard character.isASCII, character.isLetter || character.isNumber || "!#$%&'*+-.^_`|~".contains(character) else {
                return false
            }
            rest.removeFirst()
        }
        return !text.isEmpty
    }

    private static func isVersion(_ word: Substring) -> Bool {
        word.hasPrefix("HTTP/") && word.count > 5 && word.dropFirst(5).allSatisfy { $0.isASCII && ($0.isNumber || $0 == ".") }
    }
}
