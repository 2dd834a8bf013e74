import CloudEvents
import Model

/// The two ways in which a request is answered.
enum AnswerForm: Hashable {
    /// Keptn up to 0.7: only remediation actions are answered, below `data.action`.
    case action(name: String)
    /// Keptn from 0.8 on.
    case task(String)

    /// - Returns: nil for a request that nobody waits for.
    init?(_ request: ScriptRequest) {
        if let task = request.task {
            self = .task(task)
        } else if request.event.type == EventType.actionTriggered {
            // A task of this type is one of the second era; without a task it is the first.
            self = .action(name: EventFields(request.event).text("action.action") ?? "")
        } else {
            return nil
        }
    }

    /// What stands in the types of the started and the finished event.
    var task: String {
        switch self {
        case .action: "action"
        case .task(let task): task
        }
    }
}
