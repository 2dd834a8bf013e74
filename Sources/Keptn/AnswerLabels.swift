import CloudEvents
import Model

/// The labels of answers: those of the event that is answered, and what this service adds.
enum AnswerLabels {
    /// Ours begin so. Keptn hands labels on from task to task: those of an earlier run must not pass for this one's.
    private static let prefix = "executor."

    /// The event's own, as text.
    static func incoming(_ fields: EventFields) -> JSONObject {
        JSONObject(fields.labels.lazy.filter { !$0.name.hasPrefix(prefix) }.map { ($0.name, .string($0.text)) })
    }

    /// What 0.3 adds to the answers of an action: where its problem is described, and which file runs.
    static func action(_ name: String, _ fields: EventFields, _ plan: Plan) -> JSONObject {
        var labels = JSONObject()
        // Where the event has no URL, a label of that name that came with it stays.
        labels["Problem URL"] = fields.problemURL.map(JSON.string)
        if !name.isEmpty { labels[name] = plan.scripts.first.map { .string($0.name) } }
        return labels
    }

    /// Which files of which commits ran: `executor.script` has the names in order, `executor.commit` the commit, or where there
    /// are several, one for each level: `stage:<commit>, project:<commit>`.
    static func provenance(_ plan: Plan) -> JSONObject {
        guard !plan.scripts.isEmpty else { return [:] }
        let commits = Level.allCases.compactMap { level in
            plan.scripts.first { $0.level == level }.map { (level: level, commit: $0.commit) }
        }
        let isOne = Set(commits.map(\.commit)).count == 1
        return [
            prefix + "commit": .string(
                isOne ? commits[0].commit : commits.map { "\($0.level.rawValue):\($0.commit)" }.joined(separator: ", ")
            ),
            prefix + "script": .string(plan.scripts.map(\.name).joined(separator: ", ")),
        ]
    }

    /// How many seconds old the commits are.
    static func staleness(_ staleness: Snapshot.Staleness?) -> JSONObject {
        guard let staleness else { return [:] }
        return [prefix + "stale": .string(String(staleness.age.components.seconds))]
    }

    /// What a script gave as labels, as text; nil where it is no object.
    static func text(_ value: JSON) -> JSONObject? {
        value.object.map { object in
            JSONObject(object.lazy.filter { !$0.key.hasPrefix(prefix) }.map { ($0.key, .string($0.value.plainText)) })
        }
    }
}

extension JSONObject {
    /// The members of `other` set over these.
    func merging(_ other: JSONObject) -> JSONObject {
        var result = self
        for (key, value) in other { result[key] = value }
        return result
    }
}
