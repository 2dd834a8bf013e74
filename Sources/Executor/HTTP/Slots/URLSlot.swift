import Basics

/// Writes values into a URL so that none of them can change what the file's author wrote around them: the server, the path's
/// depth, the number of query fields.
struct URLSlot {
    private enum Part {
        case scheme
        case authority
        case path
        case query
        case fragment
    }

    private let line: Int
    private var url = ""
    private var part = Part.scheme
    /// The path as far as it was written here, for the check of its segments.
    private var path = ""
    private var hasValueInPath = false
    private var isInUserInfo = false
    /// The piece that ends the user information, or else the host.
    private var nextDelimiter = 0

    private init(line: Int) { self.line = line }

    static func fill(_ pieces: [TemplatePiece], line: Int) throws(HTTPFileError) -> String {
        var slot = URLSlot(line: line)
        let pieces = pieces.expanded
        for (index, piece) in pieces.enumerated() {
            switch piece {
            case .literal(let text): slot.append(literal: text)
            case .value(let value):
                slot.look(at: pieces, from: index)
                try slot.append(value, before: pieces.dropFirst(index + 1).first)
            }
        }
        try slot.check()
        return slot.url
    }

    private mutating func append(literal text: String) {
        // By scalars: a `/` with a combining mark after it is one Character, and still ends the host.
        for scalar in text.unicodeScalars {
            switch (part, scalar) {
            case (.scheme, "/") where url.hasSuffix(":/"): part = .authority
            case (.authority, "/"): part = .path
            case (.authority, "?"), (.path, "?"): part = .query
            case (.authority, "#"), (.path, "#"), (.query, "#"): part = .fragment
            default: break
            }
            if part == .path { path.unicodeScalars.append(scalar) }
            // What no URL can hold, as the author wrote it; the rest is what it means.
            let isForeign = !scalar.isASCII || "\"<>\\^`{|} ".unicodeScalars.contains(scalar)
            if isForeign, part != .authority {
                url += PercentEncoding.encode(String(scalar), allowed: [])
            } else {
                url.unicodeScalars.append(scalar)
            }
        }
    }

    private mutating func append(_ value: PlaceholderValue, before next: TemplatePiece?) throws(HTTPFileError) {
        guard !value.hasControlCharacter, !value.text.contains("\t") else {
            throw error(value, "holds a line break or another control character")
        }
        if url.isEmpty { return try begin(with: value, before: next) }
        switch part {
        case .scheme: throw error(value, "stands before the URL's host, where no placeholder can be")
        case .authority where isInUserInfo: url += PercentEncoding.encode(value.text, allowed: PercentEncoding.userInfo)
        case .authority:
            guard value.text.utf8.allSatisfy(Self.isHostByte) else { throw error(value, "holds what a host's name cannot hold") }
            url += value.text
        case .path:
            let text = PercentEncoding.encode(value.text, allowed: PercentEncoding.path)
            hasValueInPath = true
            path += text
            url += text
        case .query, .fragment: url += PercentEncoding.encode(value.text, allowed: PercentEncoding.query)
        }
    }

    /// A placeholder that begins the URL stands for a whole one, as it is, or for its scheme. Where the author goes on with `://`
    /// and the server, it is the scheme.
    private mutating func begin(with value: PlaceholderValue, before next: TemplatePiece?) throws(HTTPFileError) {
        let start = value.text.prefix(8).lowercased()
        if case .literal(let text)? = next, text.hasPrefix("://"), start != "http", start != "https" {
            throw error(value, "stands for the URL's scheme, but is neither http nor https")
        }
        guard start.hasPrefix("http://") || start.hasPrefix("https://") || start == "http" || start == "https" else {
            throw error(value, "begins the URL, but is no http or https URL")
        }
        append(literal: value.text)
        // Dot segments of the value itself are as it is meant; what follows may not add to its last segment.
        path = path.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? ""
    }

    private func check() throws(HTTPFileError) {
        guard ["http://", "https://"].contains(where: { url.prefix(8).lowercased().hasPrefix($0) }) else {
            throw HTTPFileError("the URL must begin with http:// or https://", line: line)
        }
        guard !url.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw HTTPFileError("the URL holds a control character", line: line)
        }
        // Servers differ in what they take for a separator: each spelling of it counts.
        let segments = path.lowercased().replacing("%2e", with: ".").replacing("%2f", with: "/").replacing("%5c", with: "/")
            .split(separator: "/")
            // Some servers take what a `;` begins, as in `..;x`, off a segment before they look at it.
            .map { $0.replacing("%3b", with: ";").prefix { $0 != ";" } }
        guard !hasValueInPath || !segments.contains(where: { $0 == "." || $0 == ".." }) else {
            let reason = "the URL's path would hold a '.' or '..' segment, which is refused where placeholders are used"
            throw HTTPFileError(reason, line: line)
        }
    }

    /// Finds out whether an `@` is still to come before the host. Each piece is looked at once, however many values there are.
    private mutating func look(at pieces: [TemplatePiece], from index: Int) {
        guard part == .authority, index >= nextDelimiter else { return }
        isInUserInfo = false
        nextDelimiter = pieces.count
        for next in index..<pieces.count {
            guard case .literal(let text) = pieces[next],
                let end = text.unicodeScalars.first(where: { "@/?#".unicodeScalars.contains($0) })
            else { continue }
            isInUserInfo = end == "@"
            nextDelimiter = next
            return
        }
    }

    /// Letters, digits, `-`, `.`, `_`, and what ports and IPv6 addresses need.
    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: "-._:[]".utf8.contains(byte)
        }
    }

    private func error(_ value: PlaceholderValue, _ reason: String) -> HTTPFileError {
        HTTPFileError("the value of \(value.name) \(reason)", line: line)
    }
}
