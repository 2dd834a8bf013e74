public import CloudEvents

/// What an event asks for: which script names, for whom, with which fixed variables.
public struct ScriptRequest: Sendable {
    public var event: CloudEvent
    public var scope: Scope
    /// The commit that pins service and stage level (`gitcommitid`).
    public var commit: String?
    /// Script names without their endings, in order of precedence; `all.events` is not among them.
    public var names: [String]
    /// Only the first file that is found runs, not all of them.
    public var firstMatchOnly: Bool
    /// The task whose finished event takes results under `data.<task>`; nil where nothing is answered.
    public var task: String?
    /// What the event's fields mean to Keptn, by name; they win over variables made from the event's own paths.
    public var variables: [Variable]
    /// Goes ahead of others in the queue: remediation and problems.
    public var isUrgent: Bool

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
