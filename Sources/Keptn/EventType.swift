/// What the type of a Keptn event says: `sh.keptn.event.<task>.<phase>` with exactly five parts is about a task.
///
/// Six parts (`sh.keptn.event.<stage>.<sequence>.<phase>`) are about a sequence, which is the control plane's business.
struct EventType: Hashable {
    static let singular = "sh.keptn.event."
    static let plural = "sh.keptn.events."

    static let actionTriggered = "sh.keptn.event.action.triggered"
    static let actionFinished = "sh.keptn.event.action.finished"
    static let deploymentFinished = "sh.keptn.events.deployment-finished"
    static let testsFinished = "sh.keptn.events.tests-finished"
    static let problems: Set<String> = ["sh.keptn.event.problem.open", "sh.keptn.events.problem"]

    let text: String

    init(_ text: String) { self.text = text }

    static func started(_ task: String) -> String { singular + task + ".started" }
    static func finished(_ task: String) -> String { singular + task + ".finished" }

    /// Whether the type is one of Keptn's events, with a name after the prefix and nothing in it that no type may hold.
    var isKeptnEvent: Bool {
        guard let prefix = [Self.singular, Self.plural].first(where: text.hasPrefix), text != prefix else { return false }
        return text.isPrintable
    }

    /// The task that is to be done; nil for all but `sh.keptn.event.<task>.triggered`.
    var triggeredTask: String? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 5, text.hasPrefix(Self.singular), parts[4] == "triggered", !parts[3].isEmpty else { return nil }
        return String(parts[3])
    }

    var isStarted: Bool { text.hasSuffix(".started") }

    /// `tests-finished` and `deployment-finished` of the first era as well.
    var isFinished: Bool { text.hasSuffix(".finished") || text.hasSuffix("-finished") }

    /// Whether Keptn from 0.8 on looks for the event that this one answers.
    var needsTriggeredID: Bool { isStarted || text.hasSuffix(".finished") || text.hasSuffix(".status.changed") }
}

extension String {
    /// Not empty, at most 4096 bytes, and without control characters: fit for an attribute.
    var isPrintable: Bool {
        !isEmpty && utf8.count <= 4096 && !unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}
