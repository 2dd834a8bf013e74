/// The first request of a `.http` file as it was written, its placeholders still in it.
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

    /// How values are written into the body.
    enum BodyKind: Sendable, Hashable {
        case json
        case form
        case raw
    }

    var method: Text
    var url: Text
    var headers: [Header] = []
    var body = Text(text: "", line: 0)
    var bodyKind = BodyKind.raw
    var tags = HTTPTags()
    /// What was passed over.
    var warnings: [String] = []
}

/// What comments of the form `# @name value` ask for.
struct HTTPTags: Sendable, Hashable {
    /// `@follow-up`: the response's body may become an event.
    var allowsFollowUp = false
    /// `@no-redirect` turns it off.
    var followsRedirects = true
    /// `@timeout 5 s`; seconds where no unit is given.
    var timeout: Duration?
    /// `@compat generic-executor`: lines of the body that begin with `#` are dropped, whatever the body is.
    var dropsCommentsInBody = false
}
