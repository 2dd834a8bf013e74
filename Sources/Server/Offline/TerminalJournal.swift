import CloudEvents

/// Hands on what is to be sent, and keeps nothing: a run of `run` is over when the process is.
struct TerminalJournal: RunJournal {
    let send: @Sendable (CloudEvent) -> Void

    let isDurable = false

    func keep(_ change: RunChange, of run: AcceptedEvent) async { for event in change.events { send(event.event) } }
}
