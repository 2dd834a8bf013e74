import CloudEvents
import Keptn
import Model
import Testing

let eventTime = "2020-11-25T21:03:55.500Z"
let answerTime = Timestamp(seconds: 1_606_338_241, nanoseconds: 832_000_000)

/// An event of Keptn; of the second era unless it says otherwise.
func event(
    _ type: String,
    _ data: JSON? = ["project": "sockshop", "stage": "dev", "service": "carts"],
    version: CloudEvent.SpecVersion = .v1_0,
    extensions: JSONObject = ["shkeptncontext": "context", "shkeptnspecversion": "0.2.4"]
) throws -> CloudEvent {
    CloudEvent(
        id: "incoming",
        source: "shipyard-controller",
        specVersion: version,
        type: type,
        time: try #require(Timestamp(parsing: eventTime)),
        extensions: extensions,
        data: data.map(CloudEvent.Payload.json)
    )
}

func request(_ event: CloudEvent, era: Era? = nil) throws -> ScriptRequest {
    guard case .run(let request) = EventInterpreter(era: era).interpret(event) else {
        throw Ignored(description: "\(EventInterpreter(era: era).interpret(event))")
    }
    return request
}

struct Ignored: Error, CustomStringConvertible { let description: String }

/// Why an event is ignored; nil if it is not.
func reasonToIgnore(_ event: CloudEvent) -> String? {
    if case .ignore(let reason) = EventInterpreter().interpret(event) { reason } else { nil }
}

func script(_ name: String, _ level: Level = .service, commit: String = "c0ffee") -> Script {
    let kind = Script.Kind(rawValue: String(name.suffix(2))) ?? .http
    return Script(
        name: name,
        kind: kind,
        level: level,
        branch: "dev",
        commit: commit,
        folder: "genericexecutor",
        path: "/x/\(name)"
    )
}

func plan(_ names: String...) -> Plan { Plan(scripts: names.map { script($0) }) }

func outcome(
    _ result: RunResult = .pass,
    _ message: String = "output",
    taskData: JSONObject = [:],
    followUps: [JSONObject] = []
) -> RunOutcome {
    RunOutcome(result: result, message: message, steps: [], taskData: taskData, followUps: followUps)
}

func answers(_ change: (inout Answers.Settings) -> Void = { _ in }) -> Answers {
    var settings = Answers.Settings()
    change(&settings)
    return Answers(settings: settings, newID: { "new" }, now: { answerTime })
}

/// Without the labels that say which files ran.
let plainAnswers = answers { $0.tellsProvenance = false }
