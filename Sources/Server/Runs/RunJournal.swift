/// Keeps what happens to runs: the database of the service, or the terminal of `run`.
protocol RunJournal: Sendable {
    /// Whether a run that has not begun can be left for the next start.
    var isDurable: Bool { get }

    /// Keeps a change and what is to be sent because of it, as one. On return both are safe.
    ///
    /// - Throws: if that cannot be, because the service ends or the database refuses it for good; then the next start finds the run as
    ///   it was before.
    func keep(_ change: RunChange, of run: AcceptedEvent) async throws
}
