import Basics
import CloudEvents
import FoundationEssentials
import GRDB
import Model

/// What is written of runs, and read again at a start.
enum RunTable {
    /// A run as it is accepted.
    struct NewRun: Sendable {
        var id = UniqueID.ordered()
        let event: CloudEvent
        var origin = AcceptedEvent.Origin.sender
        var rerunOf: String?
        var isSilent = false
        var pinnedCommit: String?
        let received: Int64
        /// Why nothing is run for the event: then it is over as it comes.
        var reasonForNothing: String?

        var state: RunState { reasonForNothing == nil ? .received : .nothingToRun }
    }

    /// - Returns: its place in the order of arrival.
    static func insert(_ run: NewRun, in database: Database) throws -> Int64 {
        let event = run.event
        let data = event.dataObject
        func field(_ name: String) -> String? {
            data?.value(ignoringCase: name)?.string.flatMap { $0.isEmpty ? nil : String($0.prefix(255)) }
        }
        try database.cachedStatement(
            sql: """
                INSERT INTO runs (id, event_id, event_source, event_type, context, project, stage, service, depth, received, state,
                    finished, message, rerun_of, is_silent, pinned_commit) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            run.id, event.id, event.source, event.type, event.extensionText("shkeptncontext"), field("project"), field("stage"),
            field("service"), run.origin.depth, run.received, run.state.rawValue,
            run.reasonForNothing == nil ? nil : run.received, run.reasonForNothing, run.rerunOf, run.isSilent, run.pinnedCommit,
        ])
        let sequence = database.lastInsertedRowID
        try database.cachedStatement(sql: "INSERT INTO events (run, raw) VALUES (?, ?)")
            .execute(arguments: [sequence, Data(event.raw)])
        return sequence
    }

    /// Writes what has happened to a run.
    static func update(_ sequence: Int64, _ change: RunChange, now: Int64, in database: Database) throws {
        let state = change.progress.state
        try database.cachedStatement(
            sql: """
                UPDATE runs SET state = ?, is_started = ?, runs_again = ?,
                    stage_commit = coalesce(?, stage_commit), project_commit = coalesce(?, project_commit),
                    started = CASE WHEN ? THEN ? ELSE started END WHERE sequence = ?
                """
        ).execute(arguments: [
            state.rawValue, change.progress.isStarted, change.runsAgain, change.commits?.stage, change.commits?.project,
            state == .running, now, sequence,
        ])
        if let plan = change.plan { try insertSteps(plan.scripts, of: sequence, in: database) }
        guard let ending = change.ending else { return }
        try database.cachedStatement(
            sql: "UPDATE runs SET finished = ?, result = ?, message = ?, bytes = ? WHERE sequence = ?"
        ).execute(arguments: [now, ending.result?.rawValue, Self.text(ending.message), ending.outputBytes, sequence])
        for (number, step) in ending.steps.enumerated() { try end(step, number, of: sequence, in: database) }
    }

    private static func insertSteps(_ scripts: [Script], of sequence: Int64, in database: Database) throws {
        // A run that was interrupted is planned anew.
        try database.cachedStatement(sql: "DELETE FROM steps WHERE run = ?").execute(arguments: [sequence])
        let statement = try database.cachedStatement(
            sql: "INSERT INTO steps (run, number, file, level, branch, commit_id, folder) VALUES (?, ?, ?, ?, ?, ?, ?)"
        )
        for (number, script) in scripts.enumerated() {
            try statement.execute(arguments: [
                sequence, number, script.name, script.level.rawValue, script.branch, script.commit, script.folder,
            ])
        }
    }

    private static func end(_ step: StepOutcome, _ number: Int, of sequence: Int64, in database: Database) throws {
        var (exit, signal, status): (Int?, Int?, Int?)
        switch step.ending {
        case .exited(let code): exit = code
        case .signalled(let number): signal = number
        case .responded(let code): status = code
        case .timedOut, .cancelled, .failed: break
        }
        try database.cachedStatement(
            sql: """
                UPDATE steps SET result = ?, exit = ?, signal = ?, status = ?, milliseconds = ?, reason = ?
                WHERE run = ? AND number = ?
                """
        ).execute(arguments: [
            step.result.rawValue, exit, signal, status, Int64(step.duration.seconds * 1_000), step.reason.map(Self.text),
            sequence, number,
        ])
    }

    /// GRDB ends a text at its first NUL.
    private static func text(_ text: String) -> String { text.replacing("\0", with: "\u{2400}") }

    /// The files that a run was planned with. They have no place on disk any more.
    static func scripts(of sequence: Int64, in database: Database) throws -> [Script] {
        try Row.fetchAll(
            database,
            sql: "SELECT file, level, branch, commit_id, folder FROM steps WHERE run = ? ORDER BY number",
            arguments: [sequence]
        ).compactMap { row in
            let name: String = row["file"]
            guard let kind = Script.Kind(rawValue: String(name.split(separator: ".").last ?? "")),
                let level = Level(rawValue: row["level"])
            else { return nil }
            return Script(
                name: name,
                kind: kind,
                level: level,
                branch: row["branch"],
                commit: row["commit_id"],
                folder: row["folder"],
                path: ""
            )
        }
    }
}
