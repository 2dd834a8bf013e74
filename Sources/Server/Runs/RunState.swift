/// Where a run is on its way. The names are those of the API and of the database.
enum RunState: String, Sendable, Hashable, CaseIterable {
    /// It is on disk that the event was accepted.
    case received
    /// Its files are known; Keptn is told nothing of it.
    case planned
    /// Its files are known, and Keptn is told that it started.
    case started
    /// Its first file was begun, or is at any moment.
    case running
    /// It passed.
    case finished
    /// A file failed.
    case failed
    /// It could not be run, or not to its end.
    case errored
    /// Somebody did not want it any more.
    case cancelled
    /// There was no file for the event.
    case nothingToRun = "nothing to run"

    /// Whether nothing comes after it.
    var isOver: Bool {
        switch self {
        case .received, .planned, .started, .running: false
        case .finished, .failed, .errored, .cancelled, .nothingToRun: true
        }
    }
}
