import Model

/// What is known of an event before anything takes time: whether it runs something, and its place in line.
enum Admission: Sendable {
    case nothing(reason: String)
    /// The place has to be left in the end.
    case run(ScriptRequest, place: RunPlace)
}
