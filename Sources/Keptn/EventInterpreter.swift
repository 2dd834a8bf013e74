public import CloudEvents
import Model

/// Finds out what an event means to Keptn: for whom it is, which script names it asks for, and what they are to know.
///
/// A pure function of the event. Whatever is in it, nothing crashes and nothing unchecked becomes a path.
public struct EventInterpreter: Sendable {
    private let era: Era?

    /// - Parameter era: the era that all events are taken for; nil to tell it by each event's specversion.
    public init(era: Era? = nil) { self.era = era }

    public func interpret(_ event: CloudEvent) -> Interpretation {
        do throws(Unfit) {
            return .run(try request(for: event))
        } catch {
            return .ignore(reason: error.reason)
        }
    }

    private func request(for event: CloudEvent) throws(Unfit) -> ScriptRequest {
        let fields = EventFields(event)
        let scope = Scope(
            project: try name(in: fields, "project"),
            stage: try name(in: fields, "stage"),
            service: try name(in: fields, "service")
        )
        guard scope.project != nil else {
            throw Unfit("the event names no project in data.project, so there is no repository to take scripts from")
        }
        let isAction = event.type == EventType.actionTriggered
        let era = era ?? Era(of: event)
        return ScriptRequest(
            event: event,
            scope: scope,
            commit: commit(of: event),
            names: isAction ? try actionNames(fields) : [ScriptName.name(forType: event.type)].compactMap(\.self),
            firstMatchOnly: isAction,
            task: era == .keptn08 ? EventType(event.type).triggeredTask : nil,
            variables: FixedVariables.of(event, fields, scope: scope),
            isUrgent: isAction || EventType.problems.contains(event.type)
        )
    }

    /// `action.triggered.<action>`, then `action.triggered`.
    private func actionNames(_ fields: EventFields) throws(Unfit) -> [String] {
        guard let action = try name(in: fields, "action", "action") else {
            throw Unfit("the event names no action in data.action.action, so there is no script for it")
        }
        return ["action.triggered.\(action)", "action.triggered"]
    }

    /// A field that becomes part of a path; nil where the event has none.
    private func name(in fields: EventFields, _ path: String...) throws(Unfit) -> PlainName? {
        let field = "data." + path.joined(separator: ".")
        switch fields.value(path) {
        case nil, .null, .string(""):
            return nil
        case .string(let text):
            if let name = PlainName(text) { return name }
            throw Unfit(
                "\(field) is \(JSON.string(String(text.prefix(60))).text), which is not a plain name: "
                    + "no '/', no '..', no control characters, at most 255 bytes"
            )
        case .some:
            throw Unfit("\(field) is not a string")
        }
    }

    /// The pinned commit; what is no commit id is dropped, as Keptn writes `""` and worse where it knows none.
    private func commit(of event: CloudEvent) -> String? {
        guard let text = event.extensionText("gitcommitid"), [40, 64].contains(text.utf8.count) else { return nil }
        return text.allSatisfy { $0.isASCII && $0.isHexDigit } ? text : nil
    }
}

/// Why nothing is run for an event.
private struct Unfit: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
}
