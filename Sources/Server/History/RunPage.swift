import CloudEvents

/// Runs of the history, the newest first.
struct RunPage: Sendable, Hashable {
    var runs: [RunRecord] = []
    /// What asks for the page after this; nil: there is none.
    var next: Int64?

    var json: JSON { ["runs": .array(runs.map(\.json)), "next": .text(next.map { "\($0)" })] }
}
