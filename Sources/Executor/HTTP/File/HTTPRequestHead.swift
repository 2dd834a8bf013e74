import Basics

/// What comments and assertions say about a request, gathered until the request is complete.
struct HTTPRequestHead {
    var name: String?
    var title: String?
    var tags = HTTPTags()
    var assertions: [HTTPAssertion] = []

    init() {}

    /// What begins with `### title`. A title of one word names the request too.
    init(separator line: HTTPFileLines.Line) {
        let title = line.text.drop { $0 == "#" }.trimmed
        guard !title.isEmpty else { return }
        self.title = title
        if Self.isName(title) { name = title }
    }

    /// Reads one comment line; whatever is no tag of ours is a comment.
    ///
    /// - Returns: what to warn of.
    mutating func read(_ line: HTTPFileLines.Line) throws(HTTPFileError) -> String? {
        let words = line.content.drop { $0 == "#" || $0 == "/" }.trimmed.split(maxSplits: 1, whereSeparator: \.isWhitespace)
        guard let tag = words.first, tag.hasPrefix("@") else { return nil }
        let value = words.dropFirst().first.map { $0.trimmed } ?? ""
        switch tag {
        case "@name":
            guard Self.isName(value) else {
                throw HTTPFileError("@name needs one word of letters, digits, '_', '-' and '.'", line: line.number)
            }
            name = value
        case "@title": title = value
        case "@follow-up": tags.allowsFollowUp = true
        case "@no-redirect": tags.followsRedirects = false
        case "@no-cookie-jar": tags.usesCookies = false
        case "@no-log": tags.isLogged = false
        case "@disabled": tags.isDisabled = true
        case "@compat" where value == "generic-executor": tags.dropsCommentsInBody = true
        case "@ref": tags.references += try references(value, line.number)
        case "@timeout": tags.timeout = try duration(value, tag, line.number)
        case "@connection-timeout": tags.connectTimeout = try duration(value, tag, line.number)
        case "@sleep":
            // A number alone counts milliseconds here, and seconds in the two above, as the clients have it.
            let isNumber = value.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            tags.pause = try duration(isNumber ? value + "ms" : value, tag, line.number)
        case "@compat", "@forceRef", "@import", "@loop", "@no-auto-encoding", "@prompt", "@use-os-credentials":
            return "line \(line.number): \(tag) is not supported and was passed over"
        default: break
        }
        return nil
    }

    private func references(_ value: String, _ line: Int) throws(HTTPFileError) -> [String] {
        let names = value.split { $0.isWhitespace || $0 == "," }.map(String.init)
        guard !names.isEmpty, names.allSatisfy(Self.isName) else {
            throw HTTPFileError("@ref needs the name of a request", line: line)
        }
        return names
    }

    private func duration(_ value: String, _ tag: Substring, _ line: Int) throws(HTTPFileError) -> Duration {
        guard let duration = TimeSpan.parse(value.filter { !$0.isWhitespace }), duration > .zero else {
            throw HTTPFileError("\(tag) needs a time such as '5 s' or '500 ms'", line: line)
        }
        return duration
    }

    static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-.".contains($0)) }
    }
}
