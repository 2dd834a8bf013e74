import Basics

/// Writes values into a body by the rules of its kind, part after part.
struct BodySlot {
    private let kind: HTTPTemplate.BodyKind
    /// What parts the parts of a multipart body; nil for other bodies, and where the header names none.
    private let boundary: String?
    private var json = JSONSlot()
    private var bytes: [UInt8] = []
    /// Where we are in a multipart body: among the headers of a part, or in its content.
    private var multipart = MultipartPosition()

    init(kind: HTTPTemplate.BodyKind, contentType: String) {
        self.kind = kind
        boundary = kind == .multipart ? Self.boundary(in: contentType) : nil
    }

    mutating func append(_ pieces: [TemplatePiece], line: Int) throws(HTTPFileError) {
        switch kind {
        case .json: json.append(pieces)
        case .form: bytes += pieces.joined(PercentEncoding.encodeForm).utf8
        case .raw: bytes += pieces.joined { $0 }.utf8
        case .multipart: try append(multipart: pieces, line: line)
        }
    }

    /// The content of a file, as it is.
    mutating func append(bytes more: [UInt8]) {
        if kind == .json { json.append(bytes: more) } else { bytes += more }
    }

    var finished: [UInt8] { kind == .json ? json.finished : bytes }

    /// A value can neither end a part nor add a header to it.
    private mutating func append(multipart pieces: [TemplatePiece], line: Int) throws(HTTPFileError) {
        for piece in pieces {
            switch piece {
            case .literal(let text):
                multipart.read(text, boundary: boundary)
                bytes += text.utf8
            case .value(let value):
                if let boundary, value.text.contains("--\(boundary)") {
                    throw HTTPFileError("the value of \(value.name) holds the boundary that parts the body", line: line)
                }
                if multipart.isInHeaders, value.hasControlCharacter || value.text.contains("\"") {
                    let reason =
                        "the value of \(value.name) holds a quote, a line break or another control character, which a part's header cannot hold"
                    throw HTTPFileError(reason, line: line)
                }
                multipart.readValue()
                bytes += value.text.utf8
            }
        }
    }

    private static func boundary(in contentType: String) -> String? {
        for parameter in contentType.split(separator: ";").dropFirst() {
            let parts = parameter.split(separator: "=", maxSplits: 1).map(\.trimmed)
            guard parts.count == 2, parts[0].lowercased() == "boundary" else { continue }
            let value = parts[1].hasPrefix("\"") && parts[1].hasSuffix("\"") ? String(parts[1].dropFirst().dropLast()) : parts[1]
            return value.isEmpty ? nil : value
        }
        return nil
    }
}

/// Follows the lines of a multipart body (RFC 2046, section 5.1): after a delimiter come headers, after an empty line the content.
private struct MultipartPosition {
    private(set) var isInHeaders = false
    private var line = ""

    /// A value is no line end, and leaves no line empty.
    mutating func readValue() { line += "x" }

    mutating func read(_ text: String, boundary: String?) {
        for scalar in text.unicodeScalars {
            guard scalar == "\n" else {
                line.unicodeScalars.append(scalar)
                continue
            }
            let content = line.trimmed
            if let boundary, content == "--\(boundary)" {
                isInHeaders = true
            } else if content.isEmpty {
                isInHeaders = false
            }
            line = ""
        }
    }
}

extension String {
    fileprivate var trimmed: String { self[...].trimmed }
}
