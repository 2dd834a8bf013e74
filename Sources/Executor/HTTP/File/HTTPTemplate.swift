/// One request of a `.http` file as it was written, its placeholders still in it.
struct HTTPTemplate: Sendable, Hashable {
    /// A part of the request and where it stands.
    struct Text: Sendable, Hashable {
        var text: String
        var line: Int
    }

    struct Header: Sendable, Hashable {
        var name: String
        var value: String
        var line: Int
    }

    /// A piece of the body.
    enum BodyPart: Sendable, Hashable {
        case text(Text)
        /// `< ./file`: the bytes of a file of the script's folder.
        case file(path: Text)
        /// `<@ ./file`, `<@latin1 ./file`: its text with placeholders filled in.
        case filledFile(path: Text, encoding: String?)
    }

    /// How values are written into the body.
    enum BodyKind: Sendable, Hashable {
        case json
        case form
        /// Lines end in CR LF, as RFC 2046 wants it between the parts.
        case multipart
        case raw

        /// - Parameter contentType: all of the header, its parameters too.
        init(contentType: String) {
            let type = contentType.lowercased()
            switch type {
            case _ where type.hasPrefix("multipart/"): self = .multipart
            case _ where type.contains("json"): self = .json
            case _ where type.contains("x-www-form-urlencoded"): self = .form
            default: self = .raw
            }
        }
    }

    /// Other requests and placeholders call it by this name: `# @name login`, or `### login` where the title is one word.
    var name: String?
    /// What stands behind `###`, or `# @title`.
    var title: String?
    var method: Text
    var url: Text
    var headers: [Header] = []
    /// In order; the line ends between them are in the texts.
    var body: [BodyPart] = []
    var bodyKind = BodyKind.raw
    var assertions: [HTTPAssertion] = []
    var tags = HTTPTags()
}

/// What comments of the form `# @name value` ask for.
struct HTTPTags: Sendable, Hashable {
    /// `@follow-up`: the response's body may become an event.
    var allowsFollowUp = false
    /// `@no-redirect` turns it off.
    var followsRedirects = true
    /// `@timeout 5 s`; seconds where no unit is given.
    var timeout: Duration?
    /// `@connection-timeout 2 s`
    var connectTimeout: Duration?
    /// `@compat generic-executor`: lines of the body that begin with `#` are dropped, whatever the body is.
    var dropsCommentsInBody = false
    /// `@no-cookie-jar`: cookies of earlier responses are not sent, and this one's are not kept.
    var usesCookies = true
    /// `@no-log`: neither the URL's query nor the body is shown.
    var isLogged = true
    /// `@disabled`: the request is not sent.
    var isDisabled = false
    /// `@ref login`: these are sent before, once.
    var references: [String] = []
    /// `@sleep 500` (milliseconds) or `@sleep 2 s`: waited before the request.
    var pause: Duration?
}
