import Basics

extension HTTPFile {
    /// Reads a `.http` file: `[METHOD] URL`, headers, an empty line, a body; `#` and `//` begin comments, `###` ends a request.
    ///
    /// It takes all that files for the original service hold, and what the HTTP clients of editors have in common.
    /// Placeholders are left alone: whatever their values are, they cannot change the structure that is read here.
    init(parsing bytes: [UInt8]) throws(HTTPFileError) {
        var parser = HTTPFileParser(bytes)
        self = try parser.parse()
    }
}

struct HTTPFileParser {
    private var lines: HTTPFileLines
    private var tags = HTTPTags()
    private var warnings: [String] = []

    init(_ bytes: [UInt8]) {
        lines = HTTPFileLines(bytes)
        if lines.hasInvalidText { warnings.append("the file is not UTF-8: what cannot be read was replaced") }
    }

    mutating func parse() throws(HTTPFileError) -> HTTPFile {
        try skipPreamble()
        var template = try requestLine()
        // Indented lines go on with the URL: `?a=1`, `&b=2`.
        while let line = lines.peek(), line.isIndented, !line.isComment, !line.beginsBody, HTTPRequestLine.header(line) == nil {
            template.url.text += HTTPRequestLine.withoutVersion(line.content)
            lines.advance()
        }
        try readHeaders(into: &template)
        readBody(into: &template)
        if let line = lines.first(where: { !$0.isBlank && !$0.isComment }) {
            warnings.append("line \(line.number): only the first request of a file is sent in this version; the rest is ignored")
        }
        template.tags = tags
        return HTTPFile(requests: [template], warnings: warnings)
    }

    /// Blank lines, comments, separators and scripts before the request.
    private mutating func skipPreamble() throws(HTTPFileError) {
        while let line = lines.peek() {
            if line.isComment {
                try tags.read(line.content, line: line.number)
            } else if line.text.hasPrefix("@") {
                throw HTTPFileError("file variables (@name = value) are not known in this version", line: line.number)
            } else if skipScript(line) {
                continue
            } else if !line.isBlank {
                return
            }
            lines.advance()
        }
        throw HTTPFileError("the file holds no request: its first line must be '[METHOD] URL'")
    }

    private mutating func requestLine() throws(HTTPFileError) -> HTTPTemplate {
        guard let line = lines.next() else { throw HTTPFileError("the file holds no request") }
        let (method, url) = HTTPRequestLine.split(line.content)
        guard !url.isEmpty else {
            throw HTTPFileError(
                "the request has no URL: write '[METHOD] URL', for example 'POST https://host/path'",
                line: line.number
            )
        }
        return HTTPTemplate(method: .init(text: method, line: line.number), url: .init(text: url, line: line.number))
    }

    private mutating func readHeaders(into template: inout HTTPTemplate) throws(HTTPFileError) {
        while let line = lines.peek(), !line.isSeparator {
            if line.isBlank {
                lines.advance()
                return
            }
            if line.isComment {
                try tags.read(line.content, line: line.number)
            } else if let (name, value) = HTTPRequestLine.header(line) {
                template.headers.append(.init(name: name, value: value, line: line.number))
            } else if line.isIndented, let last = template.headers.indices.last {
                // A folded value goes on in the next line (RFC 9112, section 5.2).
                template.headers[last].value += " " + line.content
            } else if line.beginsBody {
                return
            } else if !line.text.contains(":") {
                warnings.append("line \(line.number) is no header, so the body begins there: put an empty line before it")
                return
            } else {
                let reason = "neither a header (Name: value) nor the beginning of a body; an empty line must stand before a body"
                throw HTTPFileError(reason, line: line.number)
            }
            lines.advance()
        }
    }

    private mutating func readBody(into template: inout HTTPTemplate) {
        while lines.peek()?.isBlank == true { lines.advance() }
        guard let first = lines.peek() else { return }
        template.bodyKind = bodyKind(template, first)
        var body: [String] = []
        while let line = lines.peek(), !line.isSeparator {
            if skipScript(line) { continue }
            lines.advance()
            if template.bodyKind == .json ? line.content.hasPrefix("#") : tags.dropsCommentsInBody && line.text.hasPrefix("#") {
                continue
            }
            if line.content.hasPrefix("< ") || line.content.hasPrefix("<@") {
                warnings.append("line \(line.number): files are not included in this version; the line is sent as it is")
            }
            body.append(template.bodyKind == .form ? line.content : line.text)
        }
        while body.last?.allSatisfy(\.isWhitespace) == true { body.removeLast() }
        // A form may be broken over lines for the reader's sake; its fields are joined by `&` alone.
        let text = body.joined(separator: template.bodyKind == .form ? "" : "\n")
        template.body = text.isEmpty ? [] : [.text(.init(text: text, line: first.number))]
    }

    private func bodyKind(_ template: HTTPTemplate, _ first: HTTPFileLines.Line) -> HTTPTemplate.BodyKind {
        guard let type = template.headers.first(where: { $0.name.lowercased() == "content-type" })?.value.lowercased() else {
            // The first line may be a comment of a JSON body, as the original allowed.
            let start = lines.first { !$0.isBlank && !$0.content.hasPrefix("#") } ?? first
            return start.content.hasPrefix("{") || start.content.hasPrefix("[") ? .json : .raw
        }
        return type.contains("json") ? .json : type.contains("x-www-form-urlencoded") ? .form : .raw
    }

    /// Passes over what other clients run or write: `> {% ... %}`, `< {% ... %}`, `> file.js`, `<> file`, `>> file`.
    private mutating func skipScript(_ line: HTTPFileLines.Line) -> Bool {
        let text = line.content
        let isScript = text.hasPrefix("> {%") || text.hasPrefix("< {%")
        let isFile = (text.hasPrefix("> ") && text.hasSuffix(".js")) || ["<> ", ">> ", ">>! "].contains { text.hasPrefix($0) }
        guard isScript || isFile else { return false }
        warnings.append("line \(line.number): scripts and response files are not supported, this one was skipped")
        lines.advance()
        var last = isScript ? text : "%}"
        while !last.contains("%}"), let next = lines.next() { last = next.content }
        return true
    }
}
