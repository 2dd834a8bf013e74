import Basics

extension HTTPFile {
    /// Reads a `.http` file: requests of `[METHOD] URL`, headers, an empty line and a body, with `###` between them. `#` and `//` begin
    /// comments.
    ///
    /// It takes all that files for the original service hold, and what the HTTP clients of editors have in common.
    /// Placeholders are left alone: whatever their values are, they cannot change the structure that is read here.
    init(parsing bytes: [UInt8]) throws(HTTPFileError) {
        var parser = HTTPFileParser(bytes)
        self = try parser.parse()
    }
}

struct HTTPFileParser {
    private static let maximumWarnings = 20

    var lines: HTTPFileLines
    var file = HTTPFile(requests: [])
    /// Of the request that is being read.
    var head = HTTPRequestHead()
    /// The values of the variables so far that hold no placeholder.
    private(set) var literals: [String: String] = [:]
    private var names: Set<String> = []
    private var hasSeparator = false

    init(_ bytes: [UInt8]) {
        lines = HTTPFileLines(bytes)
        if lines.hasInvalidText { warn("the file is not UTF-8: what cannot be read was replaced") }
    }

    mutating func parse() throws(HTTPFileError) -> HTTPFile {
        while try skipToRequest() { try readRequest() }
        guard !file.requests.isEmpty else {
            throw HTTPFileError("the file holds no request: its first line must be '[METHOD] URL'")
        }
        return file
    }

    mutating func warn(_ warning: String) {
        if file.warnings.count < Self.maximumWarnings { file.warnings.append(warning) }
    }

    mutating func define(_ variable: HTTPFile.Variable) {
        file.variables.append(variable)
        let text = variable.value.text
        literals[variable.name] = text.contains("{{") || text.contains("$") ? nil : text
    }

    /// Reads blank lines, comments, separators, variables and scripts before a request.
    ///
    /// - Returns: whether a request follows.
    private mutating func skipToRequest() throws(HTTPFileError) -> Bool {
        while let line = lines.peek() {
            if line.isSeparator {
                try beginSection(line)
            } else if line.isComment {
                if let warning = try head.read(line) { warn(warning) }
            } else if line.isAssertion {
                head.assertions.append(try HTTPAssertion(parsing: line))
            } else if line.content.hasPrefix("@") {
                guard let variable = try HTTPFile.Variable(parsing: line) else {
                    throw HTTPFileError("neither a variable ('@name = value') nor a request", line: line.number)
                }
                define(variable)
            } else if try skipScript(line) {
                continue
            } else if !line.isBlank {
                return true
            }
            lines.advance()
        }
        try checkAssertions()
        return false
    }

    private mutating func beginSection(_ line: HTTPFileLines.Line) throws(HTTPFileError) {
        try checkAssertions()
        var next = HTTPRequestHead(separator: line)
        if !hasSeparator, file.requests.isEmpty {
            // What stands above the first separator is about the first request.
            next.tags = head.tags
            next.name = head.name ?? next.name
        } else {
            // How comments are read is a matter of the whole file.
            next.tags.dropsCommentsInBody = head.tags.dropsCommentsInBody
        }
        head = next
        hasSeparator = true
    }

    private func checkAssertions() throws(HTTPFileError) {
        guard let assertion = head.assertions.first else { return }
        throw HTTPFileError("the assertion belongs to no request", line: assertion.expected.line)
    }

    private mutating func readRequest() throws(HTTPFileError) {
        guard let line = lines.next() else { return }
        let (method, url) = HTTPRequestLine.split(line.content)
        if let protocolName = HTTPRequestLine.unsupported(method) {
            throw HTTPFileError("\(protocolName) requests are not supported, only HTTP is", line: line.number)
        }
        guard !url.isEmpty else {
            throw HTTPFileError(
                "the request has no URL: write '[METHOD] URL', for example 'POST https://host/path'",
                line: line.number
            )
        }
        var template = HTTPTemplate(method: .init(text: method, line: line.number), url: .init(text: url, line: line.number))
        while let line = lines.peek(), HTTPRequestLine.goesOn(line) {
            template.url.text += HTTPRequestLine.withoutVersion(line.content)
            lines.advance()
        }
        try readHeaders(into: &template)
        try completeURL(of: &template)
        try readBody(into: &template)
        try finish(template)
    }

    private mutating func finish(_ template: HTTPTemplate) throws(HTTPFileError) {
        var template = template
        template.title = head.title
        template.tags = head.tags
        template.assertions = head.assertions
        if let name = head.name {
            if names.insert(name).inserted {
                template.name = name
            } else if name != head.title {
                throw HTTPFileError("another request has the name '\(name)' already", line: template.method.line)
            }
        }
        file.requests.append(template)
        // The assertions are the request's now.
        head.assertions = []
    }

    private mutating func readHeaders(into template: inout HTTPTemplate) throws(HTTPFileError) {
        while let line = lines.peek(), !line.isSeparator {
            if line.isBlank {
                lines.advance()
                return
            }
            if line.isComment {
                if let warning = try head.read(line) { warn(warning) }
            } else if line.isAssertion {
                head.assertions.append(try HTTPAssertion(parsing: line))
            } else if let variable = try HTTPFile.Variable(parsing: line) {
                define(variable)
            } else if try skipScript(line) {
                continue
            } else if let (name, value) = HTTPRequestLine.header(line) {
                guard name.lowercased() != "x-request-type" else {
                    throw HTTPFileError("X-REQUEST-TYPE, a request of GraphQL, is not supported", line: line.number)
                }
                template.headers.append(.init(name: name, value: value, line: line.number))
                if name.lowercased() == "authorization", value.lowercased().hasPrefix("digest "), !value.contains("=") {
                    warn("line \(line.number): Digest authentication is not supported, and the header is sent as it is")
                }
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

    /// A path alone is a request to the server that the Host header names: by https on the ports that are usual for it, as REST
    /// Client does it.
    private func completeURL(of template: inout HTTPTemplate) throws(HTTPFileError) {
        guard template.url.text.hasPrefix("/") else { return }
        guard let host = template.headers.first(where: { $0.name.lowercased() == "host" })?.value, !host.isEmpty else {
            throw HTTPFileError("the URL is a path alone: write the whole URL, or a Host header", line: template.url.line)
        }
        let scheme = host.hasSuffix(":443") || host.hasSuffix(":8443") ? "https" : "http"
        template.url.text = "\(scheme)://\(host)\(template.url.text)"
        template.headers.removeAll { $0.name.lowercased() == "host" }
    }
}
