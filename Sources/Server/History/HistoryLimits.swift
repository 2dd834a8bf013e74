/// How much of what is over is kept; what exceeds one of the limits goes, the oldest first.
struct HistoryLimits: Sendable, Hashable {
    var age: Duration
    var runs: Int
    /// Of the database and the outputs together.
    var bytes: Int

    /// How long it is known which events came: longer than their runs are kept, and long enough for a control plane that lists an
    /// event until somebody answers it.
    var memoryOfEvents: Duration { max(age * 2, .seconds(90 * 86_400)) }
}
