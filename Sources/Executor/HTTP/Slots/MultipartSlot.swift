import Basics

/// Writes values into a multipart body so that none of them ends a part, begins one or adds a header to one.
struct MultipartSlot: BodySlot {
    private enum Place {
        case header
        case content
    }

    private let delimiter: [UInt8]
    /// Where the body's header is written, for errors about the body as a whole.
    private let line: Int
    private var body: [UInt8] = []
    /// What values and files wrote, in order.
    private var foreign: [Range<Int>] = []
    private var place = Place.content
    private var lineStart = 0
    private var hasValueInLine = false
    /// Whether a `"` is open in the line.
    private var isQuoted = false
    private var isInFile = false
    private var isClosed = false

    init(_ type: HTTPTemplate.Header?) throws(HTTPFileError) {
        line = type?.line ?? 0
        let boundary = type.map { Self.boundary($0.value) } ?? ""
        guard Self.isBoundary(boundary) else {
            throw HTTPFileError(
                "the boundary of a multipart body must be 1 to 70 plain characters, without placeholders",
                line: line
            )
        }
        delimiter = Array("--\(boundary)".utf8)
    }

    mutating func append(literal bytes: [UInt8], line: Int) throws(HTTPFileError) {
        if isInFile { return try append(foreign: bytes[...], line: line) }
        for byte in bytes {
            body.append(byte)
            switch byte {
            case UInt8(ascii: "\n"): try endLine(line)
            case UInt8(ascii: "\""): isQuoted.toggle()
            default: break
            }
        }
    }

    mutating func append(_ value: PlaceholderValue, line: Int) throws(HTTPFileError) {
        guard place == .header else {
            guard let parts = value.parts else { return try append(foreign: Array(value.text.utf8)[...], line: line) }
            // What the author wrote in a variable may be the line of a boundary: `--{{boundary}}`.
            for part in parts {
                switch part {
                case .literal(let text): try append(literal: Array(text.utf8), line: line)
                case .value(let value): try append(value, line: line)
                }
            }
            return
        }
        guard !value.hasControlCharacter else {
            let reason = "holds a line break or another control character, which the header of a part cannot hold"
            throw HTTPFileError("the value of \(value.name) \(reason)", line: line)
        }
        // `name=$V` without quotes: the value must not add `; filename=x`.
        guard isQuoted || !isDisposition || !value.text.utf8.contains(where: { "\";,\\ \t".utf8.contains($0) }) else {
            let reason = "holds what can stand in a part's Content-Disposition in quotes alone"
            throw HTTPFileError("the value of \(value.name) \(reason)", line: line)
        }
        hasValueInLine = true
        let start = body.count
        for byte in value.text.utf8 {
            switch byte {
            // As browsers write it; some servers take a backslash for an escape.
            case UInt8(ascii: "\"") where isQuoted: body += "%22".utf8
            case UInt8(ascii: "\\") where isQuoted: body += "%5C".utf8
            default: body.append(byte)
            }
        }
        note(start)
    }

    mutating func append(file bytes: [UInt8], line: Int) throws(HTTPFileError) { try append(foreign: bytes[...], line: line) }

    mutating func beginFile() { isInFile = true }

    mutating func endFile() { isInFile = false }

    var count: Int { body.count }

    mutating func finish() throws(HTTPFileError) -> [UInt8] {
        guard isClosed else {
            throw HTTPFileError("the multipart body does not end with the line of its boundary: '--boundary--'", line: line)
        }
        try checkDelimiters()
        return body
    }

    private mutating func append(foreign bytes: ArraySlice<UInt8>, line: Int) throws(HTTPFileError) {
        guard place == .content else {
            throw HTTPFileError(
                "a file cannot be included among the headers of a part: an empty line must come first",
                line: line
            )
        }
        guard !body[lineStart...].starts(with: delimiter) else {
            throw HTTPFileError("the line of a boundary cannot hold placeholders", line: line)
        }
        let start = body.count
        body += bytes
        note(start)
    }

    /// What was written from `start` on is not the author's.
    private mutating func note(_ start: Int) {
        if start < body.count { foreign.append(start..<body.count) }
    }

    /// Looks at the author's line that has just ended.
    private mutating func endLine(_ number: Int) throws(HTTPFileError) {
        let text = body[lineStart...].dropLast(body.suffix(2).elementsEqual("\r\n".utf8) ? 2 : 1)
        if text.starts(with: delimiter) {
            isClosed = text.dropFirst(delimiter.count).starts(with: "--".utf8)
            place = isClosed ? .content : .header
        } else if place == .header, text.isEmpty {
            guard !hasValueInLine else {
                throw HTTPFileError("a line of placeholders alone is empty and would end the part's headers", line: number)
            }
            place = .content
        }
        lineStart = body.count
        hasValueInLine = false
        isQuoted = false
    }

    private var isDisposition: Bool {
        let name = "content-disposition".utf8
        return body[lineStart...].prefix(name.count).map { $0 | 0x20 }.elementsEqual(name)
    }

    /// Each delimiter in the body must be the author's own, from the line end before it to its last byte.
    private func checkDelimiters() throws(HTTPFileError) {
        var ranges = foreign[...]
        var index = 0
        while let start = body[index...].firstRange(of: delimiter)?.lowerBound {
            let beginsLine = start > 0 && body[start - 1] == UInt8(ascii: "\n")
            let whole = (beginsLine ? start - 1 : start)..<start + delimiter.count
            ranges = ranges.drop { $0.upperBound <= whole.lowerBound }
            guard ranges.first?.overlaps(whole) != true else {
                throw HTTPFileError(
                    "a value or an included file would end the part it stands in: it holds the boundary",
                    line: line
                )
            }
            index = start + 1
        }
    }

    private static func boundary(_ type: String) -> String {
        guard let start = type.lowercased().firstRange(of: "boundary=") else { return "" }
        let offset = type.lowercased().distance(from: type.lowercased().startIndex, to: start.upperBound)
        let rest = type.dropFirst(offset)
        if rest.first == "\"" { return String(rest.dropFirst().prefix { $0 != "\"" }) }
        return String(rest.prefix { $0 != ";" && !$0.isWhitespace })
    }

    private static func isBoundary(_ text: String) -> Bool {
        (1...70).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"):
                    true
                default: "'()+_,-./:=? ".utf8.contains(byte)
                }
            }
    }
}
