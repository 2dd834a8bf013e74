public import Model

/// What is to be done about an event.
public enum Interpretation: Sendable {
    case run(ScriptRequest)
    /// Nothing runs and nothing is answered; the sentence is for the record.
    case ignore(reason: String)
}
