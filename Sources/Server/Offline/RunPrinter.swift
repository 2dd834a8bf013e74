import CloudEvents
import Executor
import Model
import Synchronization

/// Shows a run to a person as it happens, or to a program as one JSON object at its end.
final class RunPrinter: RunObserver {
    private struct State {
        var transcript = Transcript(hasTextBefore: true)
        var events: [CloudEvent] = []
    }

    private let format: OutputFormat
    private let state = Mutex(State())

    init(_ format: OutputFormat) { self.format = format }

    func planned(_ plan: Plan, in snapshot: Snapshot) {
        guard format == .text else { return }
        if let staleness = snapshot.staleness {
            Terminal.print("stale   \(staleness.failureClass): \(staleness.reason)")
        }
        for warning in snapshot.warnings + plan.warnings { Terminal.print("note    \(warning)") }
        for line in PlanText.lines(of: plan, in: snapshot) { Terminal.print(line) }
    }

    func began() {}

    func output(_ script: Script, _ chunk: OutputChunk) {
        guard format == .text else { return }
        // Under the lock, so that it is shown in order.
        state.withLock { Terminal.write($0.transcript.text(of: chunk.text, from: script.name)) }
    }

    func answered(_ event: CloudEvent) { state.withLock { $0.events.append(event) } }

    func ended(_ report: RunReport, undelivered: [String]) {
        let events = state.withLock { $0.events }
        switch format {
        case .json: Terminal.print(RunDocument.json(report, events: events, undelivered: undelivered).prettyText)
        case .text:
            if state.withLock({ $0.transcript.endsInLine }) { Terminal.print("") }
            for line in summary(report) { Terminal.print(line) }
            for event in events { Terminal.print("\nevent   \(event.type)\n\(JSON.object(event.structured).prettyText)") }
            for failure in undelivered { Terminal.print("error   \(failure)") }
        }
    }

    private func summary(_ report: RunReport) -> [String] {
        let notes = report.warnings.map { "note    \($0)" }
        switch report.state {
        case .nothingToRun(let reason): return notes + ["result  nothing to run: \(reason)"]
        case .leftForNextStart: return notes + ["result  it was not run"]
        case .errored(let reason, _): return notes + ["result  errored: \(reason)"]
        case .ran(let outcome):
            let steps = outcome.steps.map { step in
                "ran     \(step.script.name)  \(step.result.rawValue)\(step.reason.map { ": \($0)" } ?? "")"
            }
            return [""] + steps + notes + ["result  \(outcome.result.rawValue)"]
        }
    }
}
