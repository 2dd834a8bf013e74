import Basics
import Curl

extension HTTPTemplate {
    /// Puts values into the request, each by the rules of its place.
    ///
    /// - Parameters:
    ///   - scanner: looks the placeholders up, and gathers what was left alone.
    ///   - read: the bytes of an included file; blocks.
    /// - Throws: for what cannot be sent: an unknown `{{NAME}}`, a line break in a header, a URL that a value would redirect.
    func filled(
        _ scanner: inout PlaceholderScanner,
        including read: (Text) throws(HTTPFileError) -> [UInt8]
    ) throws(HTTPFileError) -> HTTPRequest {
        let method = try Self.token(scanner.pieces(of: method), "the method", line: method.line)
        var request = HTTPRequest(method, try URLSlot.fill(scanner.pieces(of: url), line: url.line))
        for header in headers {
            let name = try Self.token(
                scanner.pieces(of: Text(text: header.name, line: header.line)),
                "a header's name",
                line: header.line
            )
            let pieces = try scanner.pieces(of: Text(text: header.value, line: header.line))
            request.headers.append(name, try Self.line(pieces, "header \(name)", line: header.line))
        }
        request.body = try filledBody(&scanner, contentType: request.headers["Content-Type"] ?? "", including: read)
        return request
    }

    private func filledBody(
        _ scanner: inout PlaceholderScanner,
        contentType: String,
        including read: (Text) throws(HTTPFileError) -> [UInt8]
    ) throws(HTTPFileError) -> [UInt8] {
        var slot = BodySlot(kind: bodyKind, contentType: contentType)
        for part in body {
            switch part {
            case .text(let text): try slot.append(scanner.pieces(of: text), line: text.line)
            case .file(let path): slot.append(bytes: try read(try Self.path(path, &scanner)))
            case .filledFile(let path, let encoding):
                let bytes = try read(try Self.path(path, &scanner))
                let text =
                    encoding == "latin1" || encoding == "iso-8859-1"
                    ? Self.fromLatin1(bytes) : String(decoding: bytes, as: UTF8.self)
                try slot.append(scanner.pieces(of: Text(text: text, line: path.line)), line: path.line)
            }
        }
        return slot.finished
    }

    private static func path(_ path: Text, _ scanner: inout PlaceholderScanner) throws(HTTPFileError) -> Text {
        Text(text: try line(scanner.pieces(of: path), "the name of a file", line: path.line), line: path.line)
    }

    private static func fromLatin1(_ bytes: [UInt8]) -> String {
        String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }

    /// A text that must stay on its line.
    static func line(_ pieces: [TemplatePiece], _ place: String, line: Int) throws(HTTPFileError) -> String {
        for case .value(let value) in pieces where value.hasControlCharacter {
            let reason = "the value of \(value.name) holds a line break or another control character, which \(place) cannot hold"
            throw HTTPFileError(reason, line: line)
        }
        let text = pieces.joined { $0 }
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

extension [TemplatePiece] {
    /// The text, values written by `encode`.
    func joined(_ encode: (String) -> String) -> String {
        reduce(into: "") { text, piece in
            switch piece {
            case .literal(let literal): text += literal
            case .value(let value): text += encode(value.text)
            }
        }
    }
}
