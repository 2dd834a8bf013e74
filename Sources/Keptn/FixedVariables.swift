import CloudEvents
import Model

/// The variables that have the same names whatever the event: those of version 0.3, labels, action values, and the attributes.
enum FixedVariables {
    static func of(_ event: CloudEvent, _ fields: EventFields, scope: Scope) -> [Variable] {
        var variables = Variables()
        addKnown(to: &variables, event, fields, scope)
        variables.add(prefix: "LABEL_", fields.labels)
        variables.add(prefix: "VALUE_", fields.actionValues)
        addAttributes(to: &variables, event)
        return variables.list
    }

    /// The names of 0.3: all of them always, empty where the event says nothing, as scripts of that version expect.
    private static func addKnown(to variables: inout Variables, _ event: CloudEvent, _ fields: EventFields, _ scope: Scope) {
        let known: [(String, String?)] = [
            ("TIMESTRING", event.time.goText),
            ("TIMEUTCSTRING", event.time.utcText),
            ("TIMEUTCMS", String(event.time.milliseconds)),
            ("CONTEXT", event.extensionText("shkeptncontext")),
            ("EVENT", event.type),
            ("SOURCE", event.source),
            ("PROJECT", scope.project?.text),
            ("STAGE", scope.stage?.text),
            ("SERVICE", scope.service?.text),
            ("DEPLOYMENT", fields.deploymentStrategy),
            ("TESTSTRATEGY", fields.testStrategy),
            ("DEPLOYMENTURILOCAL", fields.deploymentURILocal),
            ("DEPLOYMENTURIPUBLIC", fields.deploymentURIPublic),
            ("ACTION", fields.text("action.action")),
            ("PROBLEMID", fields.text("problem.problemid", "problemid")),
            ("PROBLEMSTATE", fields.text("problem.state", "state")),
            ("PID", fields.text("problem.pid", "pid")),
            ("PROBLEMTITLE", fields.text("problem.problemtitle", "problemtitle")),
            ("PROBLEMURL", fields.problemURL),
        ]
        for (name, value) in known { variables.add(name, value ?? "") }
    }

    /// The attributes of CloudEvents and Keptn, as 0.8 named them; only those that the event has.
    private static func addAttributes(to variables: inout Variables, _ event: CloudEvent) {
        let attributes: [(String, String?)] = [
            ("ID", event.id),
            ("TYPE", event.type),
            ("SPECVERSION", event.specVersion.rawValue),
            ("TIME", event.time.original),
            ("SUBJECT", event.subject),
            ("DATACONTENTTYPE", event.dataContentType),
            ("SHKEPTNCONTEXT", event.extensionText("shkeptncontext")),
            ("SHKEPTNSPECVERSION", event.extensionText("shkeptnspecversion")),
            ("TRIGGEREDID", event.extensionText("triggeredid")),
            ("GITCOMMITID", event.extensionText("gitcommitid").flatMap { $0 == "\"\"" ? nil : $0 }),
        ]
        for case (let name, let value?) in attributes { variables.add(name, value) }
    }
}

extension EventFields {
    /// Top level in the first era, below `deployment` in the second.
    var deploymentStrategy: String? { text("deploymentstrategy", "deployment.deploymentstrategy") }
    var testStrategy: String? { text("teststrategy", "test.teststrategy") }
    var deploymentURILocal: String? { text("deploymentURILocal", "deployment.deploymentURIsLocal") }
    var deploymentURIPublic: String? { text("deploymentURIPublic", "deployment.deploymentURIsPublic") }
    var problemURL: String? { text("problem.problemurl", "problemurl") }
}

/// A list in which each name comes once: the first that was added stays.
private struct Variables {
    private(set) var list: [Variable] = []
    private var names: Set<String> = []

    mutating func add(_ name: String, _ value: String) {
        if names.insert(name).inserted { list.append(Variable(name, value)) }
    }

    /// Names as they are written, then in upper case, so that one made upper never hides one written so.
    mutating func add(prefix: String, _ members: [(name: String, text: String)]) {
        for (name, text) in members { add(prefix + name, text) }
        for (name, text) in members { add(prefix + name.uppercased(), text) }
    }
}
