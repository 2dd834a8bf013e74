import Model

/// What came of a `.http` file.
struct HTTPStepOutcome: Sendable, Hashable {
    var ending: Ending
    /// The response's body as text, cut to the limit.
    var output = ""
    /// What was passed over or left as it is, for the record of the run.
    var warnings: [String] = []
    /// The file allows the response to become an event.
    var allowsFollowUp = false
    /// There was no answer: the file could not be read, the server not be reached.
    var isErrored = false
    /// Why it did not pass, in one sentence; nil if it did.
    var reason: String?
}
