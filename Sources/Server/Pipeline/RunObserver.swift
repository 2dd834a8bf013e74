import Executor
import Model

/// Looks on while an event is worked on: the log of the service, or the terminal of `run`.
protocol RunObserver: Sendable {
    /// The files that will run are known.
    func planned(_ plan: Plan, in snapshot: Snapshot)
    /// The first file is about to start: the event waits no longer.
    func began()
    /// A file printed something.
    func output(_ script: Script, _ chunk: OutputChunk)
}
