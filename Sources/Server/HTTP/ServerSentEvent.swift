/// One event of a `text/event-stream` (HTML Living Standard, section 9.2).
struct ServerSentEvent: Sendable, Hashable {
    /// nil: `message`.
    var name: String?
    /// What the client shows as `Last-Event-ID` when it comes again; nil: that of the one before.
    var id: String?
    /// Without line ends.
    var data: String

    /// As it is sent.
    var text: String {
        let name = name.map { "event: \($0)\n" } ?? ""
        let id = id.map { "id: \($0)\n" } ?? ""
        return "\(name)\(id)data: \(data)\n\n"
    }

    /// A line that means nothing, for those on the way who close what is silent.
    static let comment = ":\n\n"
}
