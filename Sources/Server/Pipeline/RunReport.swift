import Model

/// What became of an event, for the record.
struct RunReport: Sendable {
    enum State: Sendable {
        /// Nothing was run, and nothing answered.
        case nothingToRun(reason: String)
        case ran(RunOutcome)
        /// The scripts could not be had; the failure's class where the cache of repositories gave one.
        case errored(reason: String, failureClass: String?)
        /// The service ends; the next start goes on with it.
        case leftForNextStart
    }

    var state: State
    var plan: Plan?
    var snapshot: Snapshot?
    /// What the person who reads the record should know, one sentence each.
    var warnings: [String] = []

    /// nil where nothing was run or answered.
    var result: RunResult? {
        switch state {
        case .nothingToRun, .leftForNextStart: nil
        case .ran(let outcome): outcome.result
        case .errored: .errored
        }
    }

    static func nothing(_ reason: String, plan: Plan? = nil, snapshot: Snapshot? = nil) -> RunReport {
        RunReport(state: .nothingToRun(reason: reason), plan: plan, snapshot: snapshot)
    }
}
