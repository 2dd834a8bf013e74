/// What a sender is told of one event.
struct Receipt: Sendable, Hashable {
    let id: String
    let run: String
    /// False where the event had come before: then `run` is the run of that first time.
    let isNew: Bool
}
