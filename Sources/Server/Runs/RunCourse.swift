import Model
import Synchronization

/// One run on its way through the pipeline: what was accepted, what it asks for, how far it has come.
final class RunCourse: Sendable {
    static let lostFile = "the file for this event is there no more: it was removed while the event waited"

    let accepted: AcceptedEvent
    /// nil where the event asks for nothing.
    let optionalRequest: ScriptRequest?
    private let state: Mutex<RunProgress>

    init(_ accepted: AcceptedEvent, _ request: ScriptRequest? = nil) {
        self.accepted = accepted
        optionalRequest = request
        state = Mutex(accepted.progress)
    }

    /// What the event asks for; of an event that asks for nothing, nothing.
    var request: ScriptRequest {
        optionalRequest ?? ScriptRequest(event: accepted.event, scope: Scope(project: nil, stage: nil, service: nil), names: [])
    }

    /// The commit that pins service and stage level.
    var commit: String? { accepted.pinnedCommit ?? request.commit }

    var progress: RunProgress { state.withLock { $0 } }

    func apply(_ event: RunProgress.Event) throws(RunProgress.ImpossibleEvent) -> [RunProgress.Answer] {
        try state.withLock { progress throws(RunProgress.ImpossibleEvent) in try progress.apply(event) }
    }

    /// The files that a run was planned with before a restart.
    var plannedBefore: Plan { Plan(scripts: accepted.planned) }
}
