import Basics
import Curl

extension HTTPTemplate {
    /// Puts values into the request, each by the rules of its place, and says what was left alone.
    ///
    /// - Throws: for what cannot be sent: an unknown `{{NAME}}`, a line break in a header, a URL that a value would redirect.
    func filled(with values: PlaceholderValues) throws(HTTPFileError) -> (request: HTTPRequest, warnings: [String]) {
        var scanner = PlaceholderScanner(values)
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
        var pieces: [TemplatePiece] = []
        for case .text(let text) in body { pieces += try scanner.pieces(of: text) }
        request.body =
            switch bodyKind {
            case .json: JSONSlot.fill(pieces)
            case .form: Array(Self.joined(pieces, PercentEncoding.encodeForm).utf8)
            case .raw, .multipart: Array(Self.joined(pieces) { $0 }.utf8)
            }
        return (request, scanner.warnings)
    }

    private static func joined(_ pieces: [TemplatePiece], _ encode: (String) -> String) -> String {
        pieces.reduce(into: "") { text, piece in
            switch piece {
            case .literal(let literal): text += literal
            case .value(let value): text += encode(value.text)
            }
        }
    }

    /// A text that must stay on its line.
    private static func line(_ pieces: [TemplatePiece], _ place: String, line: Int) throws(HTTPFileError) -> String {
        for case .value(let value) in pieces where value.hasControlCharacter {
            let reason = "the value of \(value.name) holds a line break or another control character, which \(place) cannot hold"
            throw HTTPFileError(reason, line: line)
        }
        let text = joined(pieces) { $0 }
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
