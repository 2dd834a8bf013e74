/// From an event's type to the name of the files that run for it, without their ending.
public enum ScriptName {
    /// The types whose file names are not simply their last two parts.
    private static let legacy = [
        "sh.keptn.event.configuration.change": "configuration.change",
        "sh.keptn.events.deployment-finished": "deployment.finished",
        "sh.keptn.events.tests-finished": "tests.finished",
        "sh.keptn.event.start-evaluation": "start.evaluation",
        "sh.keptn.events.evaluation-done": "evaluation.done",
        "sh.keptn.event.problem.open": "problem.open",
        "sh.keptn.events.problem": "problem.open",
        "sh.keptn.event.monitoring.configure": "monitoring.configure",
    ]

    /// - `sh.keptn.event.dev.delivery.finished` is `delivery.finished`, the last two parts as they are;
    /// - `dev.cdevents.service.deployed.0.1.1` is `service.deployed`;
    /// - `Workload Pre-Deployment Tasks.Started` is `workload-pre-deployment-tasks.started`, as everything else.
    ///
    /// - Returns: always a plain name; nil where nothing is left of the type, or what is left means every event (`all.events`).
    public static func name(forType type: String) -> String? {
        let name = legacy[type] ?? keptnName(type) ?? cdEventsName(type) ?? slug(type)
        // Room is left for an ending within the 255 bytes of a file name.
        return name.isEmpty || name.utf8.count > 240 || (name + ".").hasPrefix("all.events.") ? nil : name
    }

    private static func keptnName(_ type: String) -> String? {
        guard type.hasPrefix(EventType.singular) else { return nil }
        let parts = type.split(separator: ".", omittingEmptySubsequences: false).suffix(2)
        // Not a name for a file: it is made one below.
        guard parts.allSatisfy({ !$0.isEmpty && !$0.contains("/") }), type.isPrintable else { return nil }
        return parts.joined(separator: ".")
    }

    private static func cdEventsName(_ type: String) -> String? {
        let parts = type.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count >= 5, parts[0] == "dev", parts[1] == "cdevents" else { return nil }
        return slug(parts[2...3].joined(separator: "."))
    }

    /// In lower case, with a `-` for each run of what is no ASCII letter or digit; empty parts are left out.
    private static func slug(_ type: String) -> String {
        type.lowercased().split(separator: ".").map { part in
            part.reduce(into: "") { name, character in
                if character.isASCII, character.isLetter || character.isNumber {
                    name.append(character)
                } else if name.last != "-" {
                    name.append("-")
                }
            }
        }
        .joined(separator: ".")
    }
}
