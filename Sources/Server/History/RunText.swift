import Basics
import CloudEvents

/// Runs for a terminal. What senders have named is shown without what could move the cursor. Pure.
enum RunText {
    /// A table with a head, one run a line.
    static func list(_ page: RunPage, now: Int64) -> [String] {
        guard !page.runs.isEmpty else { return ["no run was found"] }
        let head = ["TIME (UTC)", "STATE", "TOOK", "PROJECT/STAGE/SERVICE", "TYPE", "ID"]
        let rows =
            [head]
            + page.runs.map { run in
                [time(run.received), word(for: run.state), duration(of: run, now: now), scope(of: run), type(of: run), run.id]
            }
        let widths = head.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            zip(row.dropLast(), widths).map { $0 + String(repeating: " ", count: $1 - $0.count) + "  " }.joined() + row[5]
        }
        return lines + (page.next.map { ["more with --cursor \($0)"] } ?? [])
    }

    /// All of one run.
    static func lines(of run: RunRecord, now: Int64) -> [String] {
        let result = run.result.map { ", \($0)" } ?? ""
        var lines = [
            "run       \(run.id)", "event     \(run.event.type.printable)",
            "          \(run.event.id.printable) of \(run.event.source.printable)",
            "context   \(run.event.context?.printable ?? "-")", "scope     \(scope(of: run))",
            "state     \(run.state.rawValue)\(result)", "received  \(time(run.received)) UTC",
        ]
        if let started = run.started { lines.append("started   \(time(started)) UTC") }
        if let finished = run.finished { lines.append("finished  \(time(finished)) UTC, took \(duration(of: run, now: now))") }
        if let commit = run.commits.stage { lines.append("commit    \(commit) (stage)") }
        if let commit = run.commits.project { lines.append("commit    \(commit) (project)") }
        if let rerunOf = run.rerunOf { lines.append("repeats   \(rerunOf)") }
        lines += run.steps.enumerated().map { "file \($0 + 1)    \(text(of: $1))" }
        lines += (run.answers ?? []).map { "sent      \(text(of: $0))" }
        if let message = run.message, !message.isEmpty { lines += ["", message] }
        return lines
    }

    private static func text(of step: RunRecord.Step) -> String {
        let name = "\(step.file.printable)  \(step.level) level, commit \(step.commit.prefix(12))"
        guard let result = step.result else { return name }
        let took = step.milliseconds.map { ", took \(text(of: $0))" } ?? ""
        return "\(name): \(result)\(step.reason.map { " (\($0.printable))" } ?? "")\(took)"
    }

    private static func text(of answer: RunRecord.Answer) -> String {
        let tries = answer.attempts > 1 ? " after \(answer.attempts) attempts" : ""
        let reason = answer.state == "delivered" ? nil : answer.reason
        return "\(answer.type.printable): \(answer.state)\(tries)\(reason.map { " (\($0.printable))" } ?? "")"
    }

    private static func word(for state: RunState) -> String {
        switch state {
        case .received, .planned, .started: "waiting"
        case .running: "running"
        case .finished: "pass"
        case .failed: "fail"
        case .errored: "errored"
        case .cancelled: "cancelled"
        case .nothingToRun: "nothing"
        }
    }

    private static func scope(of run: RunRecord) -> String {
        [run.project, run.stage, run.service].map { $0?.printable ?? "-" }.joined(separator: "/")
    }

    private static func type(of run: RunRecord) -> String {
        let type = run.event.type
        let prefix = ["sh.keptn.event.", "sh.keptn.events."].first(where: type.hasPrefix) ?? ""
        return type.dropFirst(prefix.count).printable
    }

    private static func time(_ milliseconds: Int64) -> String {
        String(Timestamp(milliseconds: milliseconds).text.prefix(19)).replacing("T", with: " ")
    }

    /// From the beginning of its first file to the end of its last, or to now.
    private static func duration(of run: RunRecord, now: Int64) -> String {
        guard let started = run.started, let end = run.finished ?? (run.state == .running ? now : nil) else { return "-" }
        return text(of: max(0, end - started))
    }

    /// `340ms`, `12.3s`, `2m05s`, `1h02m`.
    static func text(of milliseconds: Int64) -> String {
        func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let seconds = milliseconds / 1_000
        switch milliseconds {
        case ..<1_000: return "\(milliseconds)ms"
        case ..<60_000: return "\(seconds).\(milliseconds % 1_000 / 100)s"
        case ..<3_600_000: return "\(seconds / 60)m\(padded(seconds % 60))s"
        default: return "\(seconds / 3_600)h\(padded(seconds / 60 % 60))m"
        }
    }
}
