import Model

/// How the execution of one file went, before anybody judged it.
struct StepReport: Sendable, Hashable {
    var ending: Ending
    /// What it printed; masked and cut.
    var output = ""
    /// What we have to say about it, in lines before the output; masked.
    var notes = ""
    /// Texts that may be its result object, the most important first; not masked.
    var results: [[UInt8]] = []
    /// Whether a result that names an event type is an event to send.
    var allowsFollowUp = true
    /// What the file's own assertions say; nil: its ending decides.
    var isAccepted: Bool?
    /// Why it ended as it did, where the ending alone does not say it.
    var reason: String?
    /// What may explain a failure; one sentence each.
    var hints: [String] = []
    /// What its processes have used; nil if there were none.
    var usage: StepUsage?
}
