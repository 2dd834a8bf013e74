import Basics
import CloudEvents
import Model

/// A run and a plan as JSON, for programs.
enum RunDocument {
    static func json(_ report: RunReport, events: [CloudEvent], undelivered: [String]) -> JSON {
        var document: JSONObject = [:]
        switch report.state {
        case .nothingToRun(let reason):
            document["state"] = "nothing to run"
            document["message"] = .string(reason)
        case .errored(let reason, _):
            document["state"] = "errored"
            document["message"] = .string(reason)
        case .leftForNextStart:
            document["state"] = "received"
        case .ran(let outcome):
            document["state"] = "finished"
            document["result"] = .string(outcome.result.rawValue)
            document["message"] = .string(outcome.message)
            document["steps"] = .array(outcome.steps.map(step))
        }
        if let plan = report.plan { document["plan"] = self.plan(plan, in: report.snapshot) }
        document["events"] = .array(events.map { .object($0.structured) })
        document["warnings"] = .array(report.warnings.map { .string($0) })
        if !undelivered.isEmpty { document["undelivered"] = .array(undelivered.map { .string($0) }) }
        return .object(document)
    }

    static func plan(_ plan: Plan, in snapshot: Snapshot?) -> JSON {
        [
            "files": .array(plan.scripts.map { .object(script($0, snapshot)) }),
            "shadowed": .array(
                plan.shadowed.map { shadowed in
                    var object = script(shadowed.script, snapshot)
                    object["by"] = .object(script(shadowed.winner, snapshot))
                    return .object(object)
                }
            ),
            "lookedFor": .array(plan.lookedFor.map { .string($0) }),
            "levels": .array((snapshot?.places ?? []).map(place)),
            "warnings": .array(((snapshot?.warnings ?? []) + plan.warnings).map { .string($0) }),
        ]
    }

    private static func place(_ place: Snapshot.Place) -> JSON {
        ["level": .string(place.level.rawValue), "branch": .string(place.branch), "commit": .string(place.commit)]
    }

    private static func script(_ script: Script, _ snapshot: Snapshot?) -> JSONObject {
        [
            "file": .string(script.name), "level": .string(script.level.rawValue), "branch": .string(script.branch),
            "commit": .string(script.commit), "folder": .string(script.folder), "path": .string(script.path(in: snapshot)),
        ]
    }

    private static func step(_ step: StepOutcome) -> JSON {
        var object: JSONObject = [
            "file": .string(step.script.name), "level": .string(step.script.level.rawValue),
            "commit": .string(step.script.commit), "result": .string(step.result.rawValue),
        ]
        switch step.ending {
        case .exited(let code): object["exit"] = .number(JSONNumber(code))
        case .signalled(let signal): object["signal"] = .number(JSONNumber(signal))
        case .responded(let status): object["status"] = .number(JSONNumber(status))
        case .timedOut, .cancelled, .failed: break
        }
        object["seconds"] = .number(JSONNumber(step.duration.seconds))
        object["output"] = .string(step.output)
        if let reason = step.reason { object["reason"] = .string(reason) }
        return .object(object)
    }
}
