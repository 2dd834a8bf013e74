import CloudEvents

/// An event of ours that is to be sent, and what it is if it comes back.
struct OutgoingEvent: Sendable, Hashable {
    let event: CloudEvent
    /// Answers run nothing; follow-ups may, up to a depth.
    let origin: AcceptedEvent.Origin

    /// The longest chain of follow-ups, each sent by a script that ran for the one before.
    static let depthLimit = 8

    /// Events of one context are sent in order; those of an event without one, in the order of their run.
    var context: String? { event.extensionText("shkeptncontext") }
}
