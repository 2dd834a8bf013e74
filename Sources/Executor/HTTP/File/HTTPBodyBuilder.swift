import Basics

/// Puts the lines of a body together, and takes out the files that it includes.
struct HTTPBodyBuilder {
    private let kind: HTTPTemplate.BodyKind
    private var texts: [String] = []
    private var firstLine = 0
    private var finished: [HTTPTemplate.BodyPart] = []
    /// A file was the last part: what follows begins on a line of its own.
    private var followsFile = false

    init(kind: HTTPTemplate.BodyKind) { self.kind = kind }

    var isEmpty: Bool { finished.isEmpty && texts.allSatisfy { $0.allSatisfy(\.isWhitespace) } }

    /// A form may be broken over lines for the reader's sake; its fields are joined by `&` alone. Parts are told by CR LF (RFC 2046).
    private var separator: String {
        switch kind {
        case .form: ""
        case .multipart: "\r\n"
        case .json, .raw: "\n"
        }
    }

    mutating func append(_ line: HTTPFileLines.Line) throws(HTTPFileError) {
        guard let file = try HTTPTemplate.BodyPart(including: line) else {
            if texts.isEmpty { firstLine = line.number }
            texts.append(kind == .form ? line.content : line.text)
            return
        }
        endText(before: true)
        finished.append(file)
        followsFile = true
    }

    /// Without blank lines at the end.
    var parts: [HTTPTemplate.BodyPart] {
        var builder = self
        while builder.texts.last?.allSatisfy(\.isWhitespace) == true { builder.texts.removeLast() }
        builder.endText(before: false)
        return builder.finished
    }

    private mutating func endText(before file: Bool) {
        var text = texts.joined(separator: separator)
        if followsFile, file || !texts.isEmpty { text = separator + text }
        if file, !texts.isEmpty { text += separator }
        if !text.isEmpty { finished.append(.text(.init(text: text, line: firstLine))) }
        texts = []
        followsFile = false
    }
}

extension HTTPTemplate.BodyPart {
    /// `< ./file`, `<@ ./file`, `<@latin1 ./file`; nil for every other line.
    init?(including line: HTTPFileLines.Line) throws(HTTPFileError) {
        let text = line.content
        guard text.hasPrefix("< ") || text.hasPrefix("<@") || text.hasPrefix("<\t") else { return nil }
        let words = text.split(maxSplits: 1, whereSeparator: \.isWhitespace)
        guard words.count == 2 else {
            throw HTTPFileError("'<' includes a file, and needs its name", line: line.number)
        }
        let path = HTTPTemplate.Text(text: words[1].trimmed, line: line.number)
        guard words[0].hasPrefix("<@") else {
            self = .file(path: path)
            return
        }
        let encoding = String(words[0].dropFirst(2))
        guard encoding.isEmpty || Self.encodings.contains(encoding.lowercased()) else {
            throw HTTPFileError("the encoding '\(encoding)' is not known; utf8 and latin1 are", line: line.number)
        }
        self = .filledFile(path: path, encoding: encoding.isEmpty ? nil : encoding.lowercased())
    }

    private static let encodings = ["utf8", "utf-8", "latin1", "iso-8859-1", "ascii"]
}
