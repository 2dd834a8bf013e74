import Basics

extension HTTPTags {
    /// Reads a tag; one that is not known is a comment.
    mutating func read(_ tag: String, _ value: String, line: Int) throws(HTTPFileError) {
        switch tag {
        case "@follow-up": allowsFollowUp = true
        case "@no-redirect": followsRedirects = false
        case "@no-cookie-jar": usesCookies = false
        case "@no-log": isLogged = false
        case "@disabled": isDisabled = value != "false"
        case "@compat" where value == "generic-executor": dropsCommentsInBody = true
        case "@ref", "@forceRef":
            guard HTTPRequestHead.isName(value) else { throw HTTPFileError("\(tag) needs the name of a request", line: line) }
            references.append(value)
        case "@timeout": timeout = try Self.span(tag, value, line)
        case "@connection-timeout": connectTimeout = try Self.span(tag, value, line)
        case "@sleep": pause = try Self.span(tag, Int(value) == nil ? value : "\(value)ms", line)
        default: break
        }
    }

    /// A time as editors write it: `5 s`, `500 ms`, `2 m`; seconds where no unit is given.
    private static func span(_ tag: String, _ value: String, _ line: Int) throws(HTTPFileError) -> Duration {
        guard let span = TimeSpan.parse(value.filter { !$0.isWhitespace }), span > .zero else {
            throw HTTPFileError("\(tag) needs a time such as '5 s' or '500 ms'", line: line)
        }
        return span
    }
}
