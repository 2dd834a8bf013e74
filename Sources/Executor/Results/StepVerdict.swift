import Basics
import CloudEvents
import Model

/// What follows from the execution of one file. Pure.
struct StepVerdict: Sendable {
    var outcome: StepOutcome
    /// What the file adds to the message of the run.
    var message: String
    /// The file came to its own end and said nothing at all.
    var isSilent: Bool
    var taskData: JSONObject = [:]
    var followUp: JSONObject?

    init(_ report: StepReport, of script: Script, duration: Duration, redactor: Redactor) {
        var result: RunResult
        switch report.ending {
        case .exited(0), .responded(200..<300): result = .pass
        case .exited, .signalled, .responded, .timedOut, .cancelled: result = .fail
        case .failed: result = .errored
        }
        if let isAccepted = report.isAccepted { result = isAccepted ? .pass : .fail }
        var reason = result == .pass ? nil : Self.reason(report, script)
        message = report.output
        // Notes of ours are no word of the file's: they neither explain a failure nor stand for an output.
        let isBlank = report.output.allSatisfy(\.isWhitespace)
        isSilent = report.hasSpoken && report.resultObject == nil && isBlank
        var isExplained = report.hasSpoken && !isBlank
        switch report.resultObject {
        case .error(let text):
            result = max(result, .fail)
            reason = text
            isExplained = true
            // Where the output is nothing but the object, its text says the same better.
            message = report.isOutputJSON ? text : Self.joined(report.output, text)
        case .followUp(let event): followUp = redactor.redact(event)
        case .data(let data): taskData = redactor.redact(data)
        case nil: break
        }
        if let reason, !isExplained { message = Self.joined(message, reason) }
        message = redactor.redact(report.notes + message)
        outcome = StepOutcome(
            script: script,
            result: result,
            ending: report.ending,
            duration: duration,
            output: report.notes + report.output,
            reason: reason.map(redactor.redact),
            usage: report.usage
        )
    }

    private static func reason(_ report: StepReport, _ script: Script) -> String {
        let name = script.name
        let reason =
            switch report.ending {
            case .exited(let status): "exit status \(status) of \(name)"
            case .signalled(let signal): "signal \(signal) ended \(name)"
            case .responded(let status) where report.isAccepted == nil: "HTTP status \(status) of \(name)"
            case .responded: "an assertion of \(name) does not hold"
            case .timedOut(let limit): "\(name) did not end within \(TimeSpan.text(limit)) (SCRIPT_TIMEOUT) and was stopped"
            case .cancelled: "\(name) was cancelled"
            case .failed(let sentence): sentence
            }
        return ([report.reason ?? reason] + report.hints).joined(separator: "; ")
    }

    private static func joined(_ first: String, _ second: String) -> String {
        first.isEmpty || first.hasSuffix("\n") ? first + second : "\(first)\n\(second)"
    }
}

extension StepReport {
    /// Only a file that came to its own end has a result.
    fileprivate var resultObject: ResultObject? {
        switch ending {
        case .exited, .responded: ResultObject.first(of: results, allowsFollowUp: allowsFollowUp)
        case .signalled, .timedOut, .cancelled, .failed: nil
        }
    }

    /// Whether the output alone explains a failure, as far as we know: the file ended by itself.
    fileprivate var hasSpoken: Bool {
        switch ending {
        case .exited, .responded: hints.isEmpty && isAccepted != false
        case .signalled, .timedOut, .cancelled, .failed: false
        }
    }

    fileprivate var isOutputJSON: Bool { (try? JSON(parsing: output.utf8)) != nil }
}
