import Basics

extension HTTPTags {
    /// Reads one comment line; whatever is no tag of ours is a comment.
    mutating func read(_ comment: String, line: Int) throws(HTTPFileError) {
        let words = comment.drop { $0 == "#" || $0 == "/" }.trimmed.split(maxSplits: 1, whereSeparator: \.isWhitespace)
        let value = words.dropFirst().first.map { String($0.filter { !$0.isWhitespace }) } ?? ""
        switch words.first {
        case "@follow-up": allowsFollowUp = true
        case "@no-redirect": followsRedirects = false
        case "@compat" where value == "generic-executor": dropsCommentsInBody = true
        case "@timeout":
            guard let timeout = TimeSpan.parse(value), timeout > .zero else {
                throw HTTPFileError("@timeout needs a time such as '5 s' or '500 ms'", line: line)
            }
            self.timeout = timeout
        default: break
        }
    }
}
