import CloudEvents
import Model

/// Puts together the data of the events that answer one request.
struct AnswerDraft {
    private let request: ScriptRequest
    private let fields: EventFields
    private let plan: Plan
    private let settings: Answers.Settings
    private let staleness: Snapshot.Staleness?

    init(_ request: ScriptRequest, plan: Plan, settings: Answers.Settings, staleness: Snapshot.Staleness? = nil) {
        self.request = request
        self.fields = EventFields(request.event)
        self.plan = plan
        self.settings = settings
        self.staleness = staleness
    }

    func startedData(_ form: AnswerForm) -> JSONObject {
        var data = scope
        switch form {
        case .action(let name):
            data.setLabels(AnswerLabels.incoming(fields).merging(AnswerLabels.action(name, fields, plan)))
        case .task:
            data.setLabels(AnswerLabels.incoming(fields))
            data["message"] = .string("running \(plan.scripts.map(\.name).joined(separator: ", "))")
        }
        return data
    }

    /// - Parameter own: what a script gave as the data of this very event; it stands, except for the scope and a better result
    ///   than the run had.
    func finishedData(_ form: AnswerForm, outcome: RunOutcome, own: JSONObject, warnings: inout [String]) -> JSONObject {
        var labels = AnswerLabels.incoming(fields)
        if case .action(let name) = form { labels = labels.merging(AnswerLabels.action(name, fields, plan)) }
        var data = scope.merging(own).merging(scope)
        data.setLabels(labels.merging(ownLabels(own)).merging(ourLabels))
        switch form {
        case .action:
            data["action"] = .object(actionResult(outcome, own: own["action"]?.object ?? [:]))
        case .task(let task):
            let status = outcome.status(own["status"])
            let result = outcome.verdict(own["result"], status: status, warnings: &warnings)
            data["status"] = .string(status)
            data["result"] = .string(result)
            data["message"] = .string(message(own["message"]?.string?.filled ?? outcome.message(for: result)))
            // A task may be named like a field of the event: that field is Keptn's.
            guard !["project", "stage", "service", "labels", "status", "result", "message"].contains(task) else { break }
            let taskData = outcome.taskData.merging(own[task]?.object ?? [:])
            if !taskData.isEmpty { data[task] = .object(taskData) }
        }
        return data
    }

    /// `data` of an event that a script asked to send: the fields that its type carries, and over them what the script gave.
    func data(of followUp: FollowUps.FollowUp, outcome: RunOutcome, now: Timestamp) -> JSONObject {
        let type = EventType(followUp.type)
        var data = scope.merging(defaults(of: type, outcome: outcome, now: now)).merging(followUp.data)
        let labels = AnswerLabels.incoming(fields).merging(ownLabels(followUp.data))
        data.setLabels(type.isFinished ? labels.merging(ourLabels) : labels)
        return data
    }

    // MARK: Parts

    /// Where the event belongs; answers must say it always.
    private var scope: JSONObject {
        var scope = JSONObject()
        scope["project"] = request.scope.project.map { .string($0.text) }
        scope["stage"] = request.scope.stage.map { .string($0.text) }
        scope["service"] = request.scope.service.map { .string($0.text) }
        return scope
    }

    private func ownLabels(_ data: JSONObject) -> JSONObject { data["labels"].flatMap(AnswerLabels.text) ?? [:] }

    private var ourLabels: JSONObject {
        let provenance = settings.tellsProvenance ? AnswerLabels.provenance(plan) : [:]
        return provenance.merging(AnswerLabels.staleness(staleness))
    }

    private func message(_ text: String) -> String {
        AnswerMessage.text(text, staleness: staleness, limit: settings.messageLimit)
    }

    /// Result and status of an action in the first era: the status is whatever was printed, also by a file that failed.
    private func actionResult(_ outcome: RunOutcome, own: JSONObject) -> JSONObject {
        let result = outcome.result == .pass ? own["result"]?.string?.filled ?? "pass" : "fail"
        let printed = outcome.isSilent ? nil : outcome.message.filled
        let status = own["status"]?.string?.filled ?? printed ?? (result == "pass" ? "succeeded" : "errored")
        return own.merging(["result": .string(result), "status": .string(message(status))])
    }

    private func defaults(of type: EventType, outcome: RunOutcome, now: Timestamp) -> JSONObject {
        let strategies: JSONObject = [
            "teststrategy": .string(fields.testStrategy ?? ""), "deploymentstrategy": .string(fields.deploymentStrategy ?? ""),
        ]
        switch type.text {
        case EventType.testsFinished:
            return strategies.merging([
                "start": .string(Timestamp(seconds: request.event.time.seconds).text),
                "end": .string(Timestamp(seconds: now.seconds).text),
                "result": .string(fields.text("result") ?? (outcome.result == .pass ? "pass" : "fail")),
            ])
        case EventType.deploymentFinished:
            var defaults = strategies.merging([
                "tag": .string(fields.text("tag") ?? ""), "image": .string(fields.text("image") ?? ""),
            ])
            defaults["deploymentURILocal"] = fields.deploymentURILocal.map(JSON.string)
            defaults["deploymentURIPublic"] = fields.deploymentURIPublic.map(JSON.string)
            return defaults
        case let text where text.hasSuffix(".finished") && settings.era(of: request.event) == .keptn08:
            return ["status": .string(outcome.status(nil)), "result": .string(outcome.result == .pass ? "pass" : "fail")]
        default:
            return [:]
        }
    }
}

extension JSONObject {
    /// Sets `labels`, or takes them away if there are none.
    fileprivate mutating func setLabels(_ labels: JSONObject) {
        self["labels"] = labels.isEmpty ? nil : .object(labels)
    }
}

extension RunOutcome {
    /// `succeeded` says that the files could be run, not that they were content.
    ///
    /// - Parameter own: the status that a script gave; it cannot make good what failed.
    fileprivate func status(_ own: JSON?) -> String {
        switch result {
        case .pass: own?.string.flatMap { ["succeeded", "errored", "unknown"].contains($0) ? $0 : nil } ?? "succeeded"
        case .fail: "succeeded"
        case .errored: "errored"
        }
    }

    /// Keptn takes everything but these three, and nothing at all, for a failure.
    ///
    /// - Parameter own: the result that a script gave; it cannot make good what failed.
    fileprivate func verdict(_ own: JSON?, status: String, warnings: inout [String]) -> String {
        guard result == .pass, status != "errored" else { return "fail" }
        guard let own else { return "pass" }
        if let text = own.string, ["pass", "warning", "fail"].contains(text) { return text }
        warnings.append(
            "the result \(own.text.prefix(60)) of a script's event is none of pass, warning, fail: the run's own is sent"
        )
        return "pass"
    }

    /// What was printed; never empty for a `fail`, whoever gave it.
    fileprivate func message(for verdict: String) -> String {
        if !message.isEmpty || verdict != "fail" { return message }
        switch result {
        case .pass: return "a script gave the result fail and no message"
        case .fail: return steps.compactMap(\.reason).first ?? "the run failed and gave no reason"
        case .errored: return steps.compactMap(\.reason).first ?? "the run could not be done and gave no reason"
        }
    }
}

extension String {
    /// Nil for an empty text.
    fileprivate var filled: String? { isEmpty ? nil : self }
}
