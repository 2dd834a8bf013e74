import Basics
import CloudEvents
import Keptn

/// What is to be done about an event, as far as it can be told without its files. Pure.
struct EventRules: Sendable {
    static let ownAnswer = "it is an answer that this service sent itself"

    let interpreter: EventInterpreter
    /// Older events run nothing.
    var maximumAge: Duration?

    /// - Parameter received: when the event came, in milliseconds since 1970.
    func interpret(_ event: CloudEvent, received: Int64) -> Interpretation {
        let age = AcceptedEvent.age(of: event, received: received)
        if let maximumAge, age > maximumAge {
            return .ignore(reason: "it was \(TimeSpan.text(age)) old when it came, more than EVENT_MAX_AGE allows")
        }
        return interpreter.interpret(event)
    }

    /// The same of an event that is in the database.
    func interpret(_ accepted: AcceptedEvent) -> Interpretation {
        if accepted.origin == .answer { return .ignore(reason: Self.ownAnswer) }
        // Somebody asked for it, or it was not too old when it was told started before a restart.
        return accepted.isRerun || accepted.progress.isStarted
            ? interpreter.interpret(accepted.event) : interpret(accepted.event, received: accepted.received)
    }
}
