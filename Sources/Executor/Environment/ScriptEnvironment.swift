import CloudEvents
import Model

/// All variables of one file, and lines about those that had to be left out.
struct ScriptEnvironment: Sendable, Hashable {
    var variables: [String: String]
    var notes: [String]

    /// - Parameter directory: where the file runs; nil for a file that is no program.
    init(
        for request: ScriptRequest,
        script: Script,
        runID: String,
        directory: WorkingDirectory.Paths?,
        service: ServiceVariables
    ) {
        var table = VariableTable()
        for variable in Self.own(request, script, runID, directory) + service.base {
            table.add([variable.name], variable.value, isIndispensable: true)
        }
        for variable in service.passed { table.add([variable.name], variable.value) }

        let told = request.variables.filter { !VariableName.isReserved($0.name) }
        for variable in told + service.prefixed { table.add([variable.name], variable.value) }
        for variable in told + service.prefixed {
            let readable = VariableName.readable(variable.name) ?? variable.name.uppercased()
            if readable != variable.name, !VariableName.isReserved(readable) { table.add([readable], variable.value) }
        }

        let known = Dictionary(told.map { ($0.name, $0.value) }) { first, _ in first }
        let (values, isCut) = EventVariable.all(of: request.event)
        for variable in EventVariable.extensions(of: request.event, except: known) + values {
            let readable = variable.names.last.flatMap(VariableName.readable)
            table.add(variable.names + (readable.map { [$0] } ?? []), variable.value)
        }
        if isCut { table.note("the event's deepest values are in no variable: there are too many for any environment") }
        table.fit()
        variables = table.values
        notes = table.notes
    }

    private static func own(
        _ request: ScriptRequest,
        _ script: Script,
        _ runID: String,
        _ directory: WorkingDirectory.Paths?
    ) -> [Variable] {
        var variables = [
            Variable("RUN_ID", runID), Variable("SCRIPT_LEVEL", script.level.rawValue), Variable("SCRIPT_COMMIT", script.commit),
            Variable("SCRIPT_BRANCH", script.branch), Variable("SCRIPT_FOLDER", script.folder),
        ]
        if let trace = request.event.extensionText("traceparent"), isTraceParent(trace) {
            variables.append(Variable("TRACEPARENT", trace))
        }
        if let directory {
            variables += [
                Variable("EVENT_FILE", directory.eventFile), Variable("RESULT_FILE", directory.resultFile),
                Variable("HOME", directory.directory), Variable("TMPDIR", directory.directory),
            ]
        }
        return variables
    }

    /// Whether a text has the form of W3C Trace Context, version 00: it goes to programs under a name that they trust.
    private static func isTraceParent(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        let isHexadecimal = parts.joined().utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
            default: false
            }
        }
        return isHexadecimal && parts.map(\.utf8.count) == [2, 32, 16, 2]
    }
}
