import Basics

/// What separators and comments say of the request that follows them.
struct HTTPRequestHead {
    private(set) var name: String?
    private(set) var title: String?
    private(set) var tags = HTTPTags()

    init(dropsCommentsInBody: Bool) { tags.dropsCommentsInBody = dropsCommentsInBody }

    /// `###` and what stands behind it: a title and, if it is one word, a name as well.
    mutating func read(separator line: HTTPFileLines.Line) {
        let text = line.content.drop { $0 == "#" }.trimmed
        guard !text.isEmpty else { return }
        title = text
        if Self.isName(text) { name = text }
    }

    /// One comment line; whatever is no tag of ours is a comment.
    mutating func read(comment line: HTTPFileLines.Line) throws(HTTPFileError) {
        let words = line.content.drop { $0 == "#" || $0 == "/" }.trimmed.split(maxSplits: 1, whereSeparator: \.isWhitespace)
        guard let tag = words.first, tag.hasPrefix("@") else { return }
        let value = words.dropFirst().first.map { $0.trimmed } ?? ""
        switch tag {
        case "@name":
            guard Self.isName(value) else {
                throw HTTPFileError("@name needs one word of letters, digits, '-' and '_'", line: line.number)
            }
            name = value
        case "@title": title = value
        default: try tags.read(String(tag), value, line: line.number)
        }
    }

    /// Letters, digits, `_` and `-`, a digit not first.
    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"): true
            default: false
            }
        }
    }
}
