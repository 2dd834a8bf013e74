public import Basics
public import CloudEvents
public import Model

/// Makes the events that tell Keptn what becomes of an event: started, finished, and what scripts asked to send.
///
/// Pure but for ids and times. Who sends them keeps to one rule: each started has exactly one finished. It is kept here too:
/// both exist for the same requests and plans, and ``finished(for:plan:outcome:staleness:)`` makes never two.
public struct Answers: Sendable {
    /// What can be chosen about answers.
    public struct Settings: Sendable, Hashable {
        /// The `source` of our events.
        public var source = "generic-executor-service"
        /// The era that all events are taken for; nil to tell it by each event's specversion. The interpreter's must be the same.
        public var era: Era?
        /// Whether labels say which files of which commits ran (`ANSWER_PROVENANCE`).
        public var tellsProvenance = true
        /// Whether `all.events.*` alone causes an answer (`ANSWER_ALL_EVENTS`).
        public var answersAllEvents = false
        /// The most bytes of a message (`MESSAGE_LIMIT`).
        public var messageLimit = 32_768

        public init() {}

        func era(of event: CloudEvent) -> Era { era ?? Era(of: event) }
    }

    let settings: Settings
    let newID: @Sendable () -> String
    let now: @Sendable () -> Timestamp

    public init(
        settings: Settings = Settings(),
        newID: @escaping @Sendable () -> String = { UniqueID.random() },
        now: @escaping @Sendable () -> Timestamp = { .now() }
    ) {
        self.settings = settings
        self.newID = newID
        self.now = now
    }

    /// Whether Keptn waits for a started and a finished: the event triggers a task, and there is a file for this very event.
    public func isAnswered(_ request: ScriptRequest, _ plan: Plan) -> Bool {
        guard AnswerForm(request) != nil else { return false }
        return plan.hasEventScript || (settings.answersAllEvents && !plan.scripts.isEmpty)
    }

    /// The finished of a run whose started was sent, and which will not be run, whatever the settings say of such events now.
    ///
    /// - Parameters:
    ///   - plan: the files that it was to run.
    ///   - outcome: what is said of it, without secrets.
    /// - Returns: nil for an event that no one can have sent a started for.
    public func closing(_ request: ScriptRequest, plan: Plan, outcome: RunOutcome) -> CloudEvent? {
        guard let form = AnswerForm(request) else { return nil }
        var warnings: [String] = []
        let draft = AnswerDraft(request, plan: plan, settings: settings)
        let data = draft.finishedData(form, outcome: outcome, own: [:], warnings: &warnings)
        return event(type: EventType.finished(form.task), data: data, for: request)
    }

    /// The event to send before any file runs; nil where nothing is answered.
    public func started(for request: ScriptRequest, plan: Plan) -> CloudEvent? {
        guard isAnswered(request, plan), let form = AnswerForm(request) else { return nil }
        let draft = AnswerDraft(request, plan: plan, settings: settings)
        return event(type: EventType.started(form.task), data: draft.startedData(form), for: request)
    }

    /// The events to send after the run: those that scripts asked for, in order, and, where it is answered, the finished as the last.
    ///
    /// - Parameter staleness: set if the files were the last good ones because the refresh failed.
    public func finished(
        for request: ScriptRequest,
        plan: Plan,
        outcome: RunOutcome,
        staleness: Snapshot.Staleness? = nil
    ) -> Reply {
        let form = isAnswered(request, plan) ? AnswerForm(request) : nil
        let draft = AnswerDraft(request, plan: plan, settings: settings, staleness: staleness)
        let sorted = FollowUps(outcome.followUps, request: request, answer: form)
        var warnings = sorted.warnings
        var events = sorted.others.map { followUp in
            event(
                type: followUp.type,
                source: followUp.source,
                data: draft.data(of: followUp, outcome: outcome, now: now()),
                for: request
            )
        }
        if let form {
            let data = draft.finishedData(form, outcome: outcome, own: sorted.answer?.data ?? [:], warnings: &warnings)
            events.append(event(type: EventType.finished(form.task), source: sorted.answer?.source, data: data, for: request))
        }
        return Reply(events: events, warnings: warnings)
    }

    /// The finished of a run that could not be, or was cut off; nil where nothing is answered.
    ///
    /// - Parameter reason: one sentence, without secrets.
    public func errored(
        for request: ScriptRequest,
        plan: Plan,
        reason: String,
        staleness: Snapshot.Staleness? = nil
    ) -> CloudEvent? {
        let outcome = RunOutcome(result: .errored, message: reason, steps: [])
        return finished(for: request, plan: plan, outcome: outcome, staleness: staleness).events.last
    }

    /// An event of ours that belongs to the event of `request`: same context, same specversion.
    private func event(type: String, source: String? = nil, data: JSONObject, for request: ScriptRequest) -> CloudEvent {
        var extensions = JSONObject()
        for name in ["shkeptncontext", "shkeptnspecversion", "traceparent", "tracestate"] {
            extensions[name] = request.event.extensions[name]
        }
        if settings.era(of: request.event) == .keptn08, EventType(type).needsTriggeredID {
            extensions["triggeredid"] = .string(request.event.id)
        }
        return CloudEvent(
            id: newID(),
            source: source ?? settings.source,
            specVersion: request.event.specVersion,
            type: type,
            time: now(),
            extensions: extensions,
            data: .json(.object(data))
        )
    }
}

/// Events to send, in order, and what could not be sent.
public struct Reply: Sendable, Hashable {
    public var events: [CloudEvent]
    /// One sentence each, for the record of the run.
    public var warnings: [String]

    public init(events: [CloudEvent], warnings: [String] = []) {
        self.events = events
        self.warnings = warnings
    }
}
