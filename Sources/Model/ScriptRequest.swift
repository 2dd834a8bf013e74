public import CloudEvents

/// What an event asks for: which script names, for whom, with which fixed variables. A class, for it goes through many hands and never
/// changes.
public final class ScriptRequest: Sendable {
    public let event: CloudEvent
    public let scope: Scope
    /// The commit that pins service and stage level (`gitcommitid`).
    public let commit: String?
    /// Script names without their endings, in order of precedence; `all.events` is not among them.
    public let names: [String]
    /// Only the first file that is found runs, not all of them.
    public let firstMatchOnly: Bool
    /// The task whose finished event takes results under `data.<task>`; nil where nothing is answered.
    public let task: String?
    /// What the event's fields mean to Keptn, by name; they win over variables made from the event's own paths.
    public let variables: [Variable]
    /// Goes ahead of others in the queue: remediation and problems.
    public let isUrgent: Bool

    public init(
        event: CloudEvent,
        scope: Scope,
        commit: String? = nil,
        names: [String],
        firstMatchOnly: Bool = false,
        task: String? = nil,
        variables: [Variable] = [],
        isUrgent: Bool = false
    ) {
        self.event = event
        self.scope = scope
        self.commit = commit
        self.names = names
        self.firstMatchOnly = firstMatchOnly
        self.task = task
        self.variables = variables
        self.isUrgent = isUrgent
    }
}
