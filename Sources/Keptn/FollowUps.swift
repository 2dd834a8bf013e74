import CloudEvents
import Model

/// What scripts asked to send, checked: one may be the answer itself, the others go before it.
struct FollowUps {
    /// An event in the making: its type, who it says it is from, and the data that the script gave.
    struct FollowUp {
        let type: String
        /// Nil for our own.
        let source: String?
        let data: JSONObject
    }

    private(set) var answer: FollowUp?
    private(set) var others: [FollowUp] = []
    private(set) var warnings: [String] = []

    /// - Parameter answer: how the request is answered; nil if it is not.
    init(_ objects: [JSONObject], request: ScriptRequest, answer form: AnswerForm?) {
        let finished = AnswerForm(request).map { EventType.finished($0.task) }
        for object in objects {
            guard let followUp = check(object) else { continue }
            guard followUp.type == finished else {
                others.append(followUp)
                continue
            }
            guard form != nil else {
                warnings.append("\(followUp.type) is not sent: this service sent no started event for it")
                continue
            }
            if answer != nil { warnings.append("\(followUp.type) was given more than once: the last one is sent") }
            answer = followUp
        }
    }

    private mutating func check(_ object: JSONObject) -> FollowUp? {
        guard let type = object["type"]?.string, EventType(type).isKeptnEvent else {
            let type = object["type"].map { String($0.text.prefix(100)) } ?? "no type"
            warnings.append(
                "an event of a script is not sent: \(type) is no type of Keptn, such as sh.keptn.events.tests-finished"
            )
            return nil
        }
        guard !EventType(type).isStarted else {
            warnings.append("\(type) is not sent: this service sends the started event itself")
            return nil
        }
        guard let data = data(of: object) else {
            warnings.append("\(type) is not sent: its 'data' is no JSON object")
            return nil
        }
        let source = object["source"]?.string.flatMap { $0.isPrintable ? $0 : nil }
        return FollowUp(type: type, source: source, data: data)
    }

    /// The members at the top, as 0.3 reads them, and over them those of `data`; nil if `data` is no object.
    private func data(of object: JSONObject) -> JSONObject? {
        let top = JSONObject(object.lazy.filter { !Self.attributes.contains($0.key) }.map { ($0.key, $0.value) })
        switch object["data"] {
        case nil, .null: return top
        case .object(let data): return top.merging(data)
        case .some: return nil
        }
    }

    /// Members that belong to the event, not to its data: those of CloudEvents and of Keptn.
    private static let attributes: Set<String> = [
        "id", "source", "specversion", "type", "subject", "time", "datacontenttype", "contenttype", "dataschema", "schemaurl",
        "datacontentencoding", "data", "data_base64", "shkeptncontext", "shkeptnspecversion", "triggeredid", "gitcommitid",
        "traceparent", "tracestate",
    ]
}
