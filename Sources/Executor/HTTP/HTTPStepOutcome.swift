import Model

/// What came of a `.http` file.
struct HTTPStepOutcome: Sendable, Hashable {
    var ending: Ending
    /// The body of the last response, cut to the limit: what may be a result.
    var body: [UInt8] = []
    /// The same as text for people: nothing where the file does not want it shown, no more than its size where it is no text.
    var output = ""
    /// A line for each request that was sent.
    var journal: [String] = []
    /// What was passed over or left as it is, for the record of the run.
    var warnings: [String] = []
    /// The file allows the response to become an event.
    var allowsFollowUp = false
    /// What assertions say of the last response in place of its status; nil if they say nothing of it.
    var isAccepted: Bool?
    /// There was no answer: the file could not be read, the server not be reached.
    var isErrored = false
    /// Why it did not pass, in one sentence; nil if it did.
    var reason: String?
}
