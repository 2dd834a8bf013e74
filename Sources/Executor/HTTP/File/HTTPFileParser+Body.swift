import Basics

extension HTTPFileParser {
    /// All up to the next `###`.
    mutating func readBody(into template: inout HTTPTemplate) throws(HTTPFileError) {
        let type = template.headers.first { $0.name.lowercased() == "content-type" }
        template.bodyKind = try bodyKind(type)
        // One part a line, put together below.
        var body: [HTTPTemplate.BodyPart] = []
        var isCommentsOnly = true
        while let line = lines.peek(), !line.isSeparator {
            if try skipScript(line) { continue }
            lines.advance()
            if isDropped(line, template.bodyKind) { continue }
            if line.isAssertion {
                head.assertions.append(try HTTPAssertion(parsing: line))
                continue
            }
            if let variable = try HTTPFile.Variable(parsing: line) {
                if template.bodyKind == .json || body.isEmpty {
                    define(variable)
                    continue
                }
                warn("line \(line.number): a variable inside of a body is text of it; put it before the request")
            }
            if body.isEmpty, line.isBlank { continue }
            if !line.isBlank, !line.isComment { isCommentsOnly = false }
            let text = template.bodyKind == .form ? line.content : line.text
            body.append(try Self.include(line) ?? .text(.init(text: text, line: line.number)))
        }
        while body.last?.isBlank == true { body.removeLast() }
        // Comments behind a request without a body are about the next one.
        if type == nil, isCommentsOnly { body = [] }
        template.body = Self.joined(body, template.bodyKind)
    }

    private func bodyKind(_ type: HTTPTemplate.Header?) throws(HTTPFileError) -> HTTPTemplate.BodyKind {
        guard let type else {
            // The first line may be a comment of a JSON body, as the original allowed.
            let first = lines.first { $0.isSeparator || !($0.isBlank || $0.isComment || $0.isAssertion) }
            guard let text = first?.content, !text.hasPrefix("{{") else { return .raw }
            return text.hasPrefix("{") || text.hasPrefix("[") ? .json : .raw
        }
        let value = withLiterals(type.value)
        let kind = HTTPTemplate.BodyKind(contentType: value)
        guard kind != .multipart || value.lowercased().contains("boundary=") else {
            throw HTTPFileError("a multipart body needs its boundary in Content-Type: 'boundary=----x'", line: type.line)
        }
        return kind
    }

    /// The text with those variables of the file that hold no placeholder themselves. Whether they are all is seen when the request
    /// is filled in.
    private func withLiterals(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let start = rest.firstRange(of: "{{"), let end = rest[start.upperBound...].firstRange(of: "}}") {
            let name = rest[start.upperBound..<end.lowerBound].trimmed
            result += rest[..<start.lowerBound]
            result += literals[name] ?? String(rest[start.lowerBound..<end.upperBound])
            rest = rest[end.upperBound...]
        }
        return result + rest
    }

    /// Comments could not be valid in JSON; elsewhere a `#` may be meant.
    private func isDropped(_ line: HTTPFileLines.Line, _ kind: HTTPTemplate.BodyKind) -> Bool {
        kind == .json && line.isComment || head.tags.dropsCommentsInBody && line.text.hasPrefix("#")
    }

    /// `< ./file`, `<@ ./file`, `<@latin1 ./file`.
    private static func include(_ line: HTTPFileLines.Line) throws(HTTPFileError) -> HTTPTemplate.BodyPart? {
        guard line.content.hasPrefix("<"), let blank = line.content.firstIndex(where: \.isWhitespace) else { return nil }
        let path = HTTPTemplate.Text(text: line.content[blank...].trimmed, line: line.number)
        let mark = line.content[..<blank].dropFirst()
        if mark.isEmpty { return .file(path: path) }
        guard mark.hasPrefix("@") else { return nil }
        let encoding = mark.dropFirst().lowercased()
        guard encoding.isEmpty || HTTPTextEncoding(name: encoding) != nil else {
            throw HTTPFileError("the encoding after '<@' is not known: utf8, ascii and latin1 are", line: line.number)
        }
        return .filledFile(path: path, encoding: encoding.isEmpty ? nil : encoding)
    }

    /// Puts the lines together: those between two files become one text.
    private static func joined(_ lines: [HTTPTemplate.BodyPart], _ kind: HTTPTemplate.BodyKind) -> [HTTPTemplate.BodyPart] {
        // A form may be broken over lines for the reader's sake; its fields are joined by `&` alone.
        let lineEnd = kind == .form ? "" : kind == .multipart ? "\r\n" : "\n"
        var parts: [HTTPTemplate.BodyPart] = []
        var text = HTTPTemplate.Text(text: "", line: 0)
        for (index, part) in lines.enumerated() {
            if index > 0 { text.text += lineEnd }
            if case .text(let line) = part {
                if text.line == 0 { text.line = line.line }
                text.text += line.text
            } else {
                if !text.text.isEmpty { parts.append(.text(text)) }
                text = HTTPTemplate.Text(text: "", line: 0)
                parts.append(part)
            }
        }
        if kind == .multipart, !lines.isEmpty { text.text += lineEnd }
        return text.text.isEmpty ? parts : parts + [.text(text)]
    }
}

extension HTTPTemplate.BodyPart {
    fileprivate var isBlank: Bool {
        if case .text(let text) = self { text.text.allSatisfy(\.isWhitespace) } else { false }
    }
}
