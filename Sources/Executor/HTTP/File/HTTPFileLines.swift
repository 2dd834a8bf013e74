import Basics

/// The lines of a `.http` file, read one after the other. A BOM, CRs before line ends and a missing last line end do not matter.
struct HTTPFileLines {
    struct Line {
        let number: Int
        let text: String
        /// The text without white space around it.
        let content: String

        var isBlank: Bool { content.isEmpty }
        var isSeparator: Bool { text.hasPrefix("###") }
        var isComment: Bool { content.hasPrefix("#") || content.hasPrefix("//") }
        var isAssertion: Bool { content.hasPrefix("??") }
        var isIndented: Bool { !isBlank && (text.hasPrefix(" ") || text.hasPrefix("\t")) }

        /// A body of JSON or XML may follow the headers without an empty line; `{{` is a placeholder.
        var beginsBody: Bool {
            content.hasPrefix("[") || content.hasPrefix("<") || (content.hasPrefix("{") && !content.hasPrefix("{{"))
        }
    }

    let hasInvalidText: Bool
    private let lines: [Line]
    private var index = 0

    init(_ bytes: [UInt8]) {
        var bytes = bytes[...]
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        var isValid = true
        lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated().map { index, line in
            let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            let text = String(decoding: line, as: UTF8.self)
            if !text.utf8.elementsEqual(line) { isValid = false }
            return Line(number: index + 1, text: text, content: text[...].trimmed)
        }
        hasInvalidText = !isValid
    }

    func peek() -> Line? { index < lines.count ? lines[index] : nil }

    mutating func advance() { index += 1 }

    mutating func next() -> Line? {
        defer { advance() }
        return peek()
    }

    /// The first of the lines still to come that meets the condition.
    func first(where condition: (Line) -> Bool) -> Line? { lines.dropFirst(index).first(where: condition) }
}
