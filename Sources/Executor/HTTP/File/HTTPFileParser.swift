import Basics

extension HTTPFile {
    /// Reads a `.http` file: requests parted by `###`, each `[METHOD] URL`, headers, an empty line, a body; `@name = value` lines;
    /// `#` and `//` begin comments.
    ///
    /// It takes all that files for the original service hold, and what the HTTP clients of editors have in common (JetBrains,
    /// REST Client, httpyac), but for their scripts. Placeholders are left alone: whatever their values are, they cannot change the
    /// structure that is read here.
    init(parsing bytes: [UInt8]) throws(HTTPFileError) {
        var parser = HTTPFileParser(bytes)
        self = try parser.parse()
    }
}

struct HTTPFileParser {
    private var lines: HTTPFileLines
    private var file = HTTPFile(requests: [])
    /// `@compat` holds for the rest of the file.
    private var isCompatible = false

    init(_ bytes: [UInt8]) {
        lines = HTTPFileLines(bytes)
        if lines.hasInvalidText { file.warnings.append("the file is not UTF-8: what cannot be read was replaced") }
    }

    mutating func parse() throws(HTTPFileError) -> HTTPFile {
        while lines.peek() != nil {
            if let request = try request() { file.requests.append(request) }
        }
        guard !file.requests.isEmpty else {
            throw HTTPFileError("the file holds no request: its first line must be '[METHOD] URL'")
        }
        return file
    }

    /// All up to the next separator; nil if there is no request in it.
    private mutating func request() throws(HTTPFileError) -> HTTPTemplate? {
        var head = HTTPRequestHead(dropsCommentsInBody: isCompatible)
        defer { isCompatible = head.tags.dropsCommentsInBody }
        guard try skipPreamble(&head), let line = lines.next() else { return nil }
        var (method, url) = try HTTPRequestLine.split(line)
        // Indented lines go on with the URL: `?a=1`, `&b=2`.
        while let next = lines.peek(), next.isIndented, !next.isComment, !next.beginsBody, !next.isAssertion,
            HTTPRequestLine.header(next) == nil
        {
            url += HTTPRequestLine.withoutVersion(next.content)
            lines.advance()
        }
        var template = HTTPTemplate(method: .init(text: method, line: line.number), url: .init(text: url, line: line.number))
        try readHeaders(into: &template, &head)
        try HTTPRequestLine.completeURL(of: &template)
        try readBody(into: &template, &head)
        template.name = head.name
        template.title = head.title
        template.tags = head.tags
        return template
    }

    /// Separators, blank lines, comments, variables and scripts before the request.
    ///
    /// - Returns: whether a request line follows.
    private mutating func skipPreamble(_ head: inout HTTPRequestHead) throws(HTTPFileError) -> Bool {
        while let line = lines.peek() {
            if line.isSeparator {
                head.read(separator: line)
            } else if line.isComment {
                try head.read(comment: line)
            } else if let variable = HTTPFile.Variable(line) {
                file.variables.append(variable)
            } else if skipScript(line) {
                continue
            } else if !line.isBlank {
                return true
            }
            lines.advance()
        }
        return false
    }

    private mutating func readHeaders(into template: inout HTTPTemplate, _ head: inout HTTPRequestHead) throws(HTTPFileError) {
        while let line = lines.peek(), !line.isSeparator {
            if line.isBlank {
                lines.advance()
                return
            }
            if line.isComment {
                try head.read(comment: line)
            } else if line.isAssertion {
                return
            } else if let (name, value) = HTTPRequestLine.header(line) {
                template.headers.append(.init(name: name, value: value, line: line.number))
            } else if line.isIndented, let last = template.headers.indices.last {
                // A folded value goes on in the next line (RFC 9112, section 5.2).
                template.headers[last].value += " " + line.content
            } else if line.beginsBody {
                return
            } else if !line.text.contains(":") {
                warn("line \(line.number) is no header, so the body begins there: put an empty line before it")
                return
            } else {
                let reason = "neither a header (Name: value) nor the beginning of a body; an empty line must stand before a body"
                throw HTTPFileError(reason, line: line.number)
            }
            lines.advance()
        }
    }

    private mutating func readBody(into template: inout HTTPTemplate, _ head: inout HTTPRequestHead) throws(HTTPFileError) {
        while lines.peek()?.isBlank == true { lines.advance() }
        template.bodyKind = lines.peek().map { bodyKind(template, $0) } ?? .raw
        var body = HTTPBodyBuilder(kind: template.bodyKind)
        while let line = lines.peek(), !line.isSeparator {
            if skipScript(line) { continue }
            lines.advance()
            if line.isAssertion {
                template.assertions.append(try HTTPAssertion(line))
            } else if body.isEmpty, let variable = HTTPFile.Variable(line) {
                file.variables.append(variable)
            } else if dropsComment(line, template, head) {
                continue
            } else {
                try body.append(line)
            }
        }
        template.body = body.parts
    }

    private func dropsComment(_ line: HTTPFileLines.Line, _ template: HTTPTemplate, _ head: HTTPRequestHead) -> Bool {
        if template.bodyKind == .json { return line.content.hasPrefix("#") }
        return head.tags.dropsCommentsInBody && line.text.hasPrefix("#")
    }

    private func bodyKind(_ template: HTTPTemplate, _ first: HTTPFileLines.Line) -> HTTPTemplate.BodyKind {
        guard let type = template.headers.first(where: { $0.name.lowercased() == "content-type" })?.value.lowercased() else {
            // The first line may be a comment of a JSON body, as the original allowed.
            let start = lines.first { !$0.isBlank && !$0.content.hasPrefix("#") } ?? first
            let beginsJSON = start.content.hasPrefix("{") && !start.content.hasPrefix("{{") || start.content.hasPrefix("[")
            return beginsJSON ? .json : .raw
        }
        if type.hasPrefix("multipart/") { return .multipart }
        return type.contains("json") ? .json : type.contains("x-www-form-urlencoded") ? .form : .raw
    }

    /// Passes over what other clients run or write: `> {% ... %}`, `< {% ... %}`, `{{ ... }}` blocks, `> file.js`, `<> file`, `>> file`.
    private mutating func skipScript(_ line: HTTPFileLines.Line) -> Bool {
        let text = line.content
        let isScript = text.hasPrefix("> {%") || text.hasPrefix("< {%")
        let isFile =
            (["> ", "< "].contains { text.hasPrefix($0) } && text.hasSuffix(".js"))
            || ["<> ", ">> ", ">>! "].contains { text.hasPrefix($0) }
        guard isScript || isFile else { return false }
        warn("line \(line.number): scripts and response files are not supported, this one was skipped")
        lines.advance()
        var last = isScript ? text : "%}"
        while !last.contains("%}"), let next = lines.next() { last = next.content }
        return true
    }

    private mutating func warn(_ warning: String) {
        if file.warnings.count < 20 { file.warnings.append(warning) }
    }
}
