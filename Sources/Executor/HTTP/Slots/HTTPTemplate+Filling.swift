import Basics
import Curl

extension HTTPTemplate {
    /// Puts values into the request, each by the rules of its place. The scanner gathers what was left alone.
    ///
    /// - Parameter read: gives the bytes of an included file; the placeholders of its path are filled in.
    /// - Throws: for what cannot be sent: an unknown `{{NAME}}`, a line break in a header, a URL that a value would redirect.
    func filled(
        _ scanner: inout PlaceholderScanner,
        including read: (HTTPTemplate.Text) throws(HTTPFileError) -> [UInt8]
    ) throws(HTTPFileError) -> HTTPRequest {
        let method = try Self.token(scanner.pieces(of: method), "the method", line: method.line)
        var request = HTTPRequest(method, try URLSlot.fill(scanner.pieces(of: url), line: url.line))
        var type: [TemplatePiece]?
        for header in headers {
            let name = try Self.token(
                scanner.pieces(of: Text(text: header.name, line: header.line)),
                "a header's name",
                line: header.line
            )
            let pieces = try scanner.pieces(of: Text(text: header.value, line: header.line))
            let value = try Self.line(pieces, "header \(name)", line: header.line)
            let credentials = name.lowercased() == "authorization" ? Self.basicCredentials(pieces) : nil
            request.headers.append(name, credentials ?? value)
            if type == nil, name.lowercased() == "content-type" { type = pieces.expanded }
        }
        request.body = try filledBody(&scanner, type, including: read)
        return request
    }

    private func filledBody(
        _ scanner: inout PlaceholderScanner,
        _ type: [TemplatePiece]?,
        including read: (HTTPTemplate.Text) throws(HTTPFileError) -> [UInt8]
    ) throws(HTTPFileError) -> [UInt8] {
        guard !body.isEmpty else { return [] }
        var header = headers.first { $0.name.lowercased() == "content-type" }
        let isKindCertain = isKindCertain(type)
        if isKindCertain, let text = type?.plainText { header?.value = text }
        var slot: any BodySlot =
            switch bodyKind {
            case .json: JSONSlot()
            case .form: FormSlot()
            case .multipart: try MultipartSlot(header)
            case .raw: RawSlot()
            }
        func pieces(of text: Text) throws(HTTPFileError) -> [TemplatePiece] {
            let pieces = try scanner.pieces(of: text)
            guard isKindCertain || pieces.expanded.allSatisfy(\.isLiteral) else {
                let reason =
                    "placeholders in the body need a Content-Type that says what the body is: write it without placeholders, "
                    + "but for variables of the file that stand above and hold none"
                throw HTTPFileError(reason, line: header?.line ?? text.line)
            }
            return pieces
        }
        for part in body {
            switch part {
            case .text(let text): try Self.append(pieces(of: text), to: &slot, line: text.line)
            case .file(let path):
                let file = try Self.path(path, &scanner)
                try slot.append(file: read(file), line: path.line)
            case .filledFile(let path, let encoding):
                let file = try Self.path(path, &scanner)
                let encoding = encoding.flatMap { HTTPTextEncoding(name: $0) } ?? .utf8
                guard let text = encoding.decode(try read(file)) else {
                    throw HTTPFileError("the included file is not UTF-8: write '<@latin1', or '<' without '@'", line: path.line)
                }
                slot.beginFile()
                try Self.append(pieces(of: Text(text: text, line: path.line)), to: &slot, line: path.line)
                slot.endFile()
            }
            guard slot.count <= PlaceholderScanner.sizeLimit else {
                throw HTTPFileError("the body has more than \(PlaceholderScanner.sizeLimit) bytes", line: method.line)
            }
        }
        return try slot.finish()
    }

    /// `Basic user password` and `Basic user:password` as servers want them, in Base64; nil for all else, which is Base64 already or
    /// of another scheme. What parts the words is the author's: a password may hold spaces.
    private static func basicCredentials(_ pieces: [TemplatePiece]) -> String? {
        var words: [String] = []
        var isInWord = false
        func add(_ text: String) {
            if !isInWord { words.append("") }
            isInWord = true
            words[words.count - 1] += text
        }
        for piece in pieces.expanded {
            switch piece {
            case .value(let value): add(value.text)
            case .literal(let text):
                for character in text { if character.isWhitespace { isInWord = false } else { add(String(character)) } }
            }
        }
        // The whole header may be one value.
        if words.count == 1 { words = words[0].split(whereSeparator: \.isWhitespace).map(String.init) }
        guard words.count == 3 || words.count == 2 && words[1].contains(":"), words[0].lowercased() == "basic" else { return nil }
        return "Basic " + Base64.encode(Array(words.dropFirst().joined(separator: ":").utf8))
    }

    /// Whether the kind of the body, by whose rules values are written, is what the server is told. A Content-Type that a value makes
    /// up could name another one; behind its `;` a value can only add parameters.
    private func isKindCertain(_ type: [TemplatePiece]?) -> Bool {
        guard let type else { return true }
        var text = ""
        for piece in type {
            switch piece {
            case .literal(let literal): text += literal
            case .value: guard text.contains(";"), bodyKind != .multipart else { return false }
            }
        }
        return BodyKind(contentType: text) == bodyKind
    }

    private static func append(_ pieces: [TemplatePiece], to slot: inout any BodySlot, line: Int) throws(HTTPFileError) {
        for piece in pieces {
            switch piece {
            case .literal(let text): try slot.append(literal: Array(text.utf8), line: line)
            case .value(let value): try slot.append(value, line: line)
            }
        }
    }

    private static func path(_ path: Text, _ scanner: inout PlaceholderScanner) throws(HTTPFileError) -> Text {
        Text(text: try line(scanner.pieces(of: path), "the path of an included file", line: path.line), line: path.line)
    }

    /// A text that must stay on its line.
    private static func line(_ pieces: [TemplatePiece], _ place: String, line: Int) throws(HTTPFileError) -> String {
        var text = ""
        for piece in pieces {
            switch piece {
            case .literal(let literal): text += literal
            case .value(let value):
                guard !value.hasControlCharacter else {
                    let reason = "holds a line break or another control character, which \(place) cannot hold"
                    throw HTTPFileError("the value of \(value.name) \(reason)", line: line)
                }
                text += value.text
            }
        }
        guard !text.utf8.contains(where: { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7F }) else {
            throw HTTPFileError("\(place) holds a control character", line: line)
        }
        return text
    }

    private static func token(_ pieces: [TemplatePiece], _ place: String, line: Int) throws(HTTPFileError) -> String {
        let text = try Self.line(pieces, place, line: line)
        let isToken = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\"(),/:;<=>?@[\\]{}".utf8.contains($0) }
        guard isToken, !text.isEmpty else {
            throw HTTPFileError("\(place) would hold a character that HTTP does not allow there", line: line)
        }
        return text
    }
}
