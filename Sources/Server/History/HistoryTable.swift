import GRDB

/// What is read of runs by people.
enum HistoryTable {
    /// How much of a message a list shows, in bytes.
    static let messageLimit = 1_024

    static func page(_ query: RunQuery, in database: Database) throws -> RunPage {
        guard let bounds = try RunSearch.bounds(of: query.filter, in: database) else { return RunPage() }
        // One more than asked for tells whether there is a page after this.
        var rows: [Row] = []
        for search in RunSearch.all(for: query, bounds: bounds) {
            var arguments: StatementArguments = [messageLimit]
            arguments += search.arguments
            arguments += [query.limit + 1]
            rows += try Row.fetchAll(database.cachedStatement(sql: list(search)), arguments: arguments)
        }
        rows.sort { ($0["sequence"] as Int64) > ($1["sequence"] as Int64) }
        var runs = rows.prefix(query.limit).compactMap(record)
        for index in runs.indices { runs[index].cutMessage(to: messageLimit) }
        let steps = try steps(of: runs.map(\.sequence), in: database)
        for index in runs.indices { runs[index].steps = steps[runs[index].sequence] ?? [] }
        return RunPage(runs: runs, next: rows.count > query.limit ? rows[query.limit - 1]["sequence"] : nil)
    }

    /// - Returns: nil if there is no run of that id.
    static func run(_ id: String, in database: Database) throws -> RunRecord? {
        let statement = try database.cachedStatement(sql: "SELECT \(columns), message FROM runs WHERE id = ?")
        guard var run = try Row.fetchOne(statement, arguments: [id]).flatMap(record) else { return nil }
        run.steps = try steps(of: [run.sequence], in: database)[run.sequence] ?? []
        run.answers = try Row.fetchAll(
            database.cachedStatement(
                sql: "SELECT id, type, state, attempts, reason, created, settled FROM outbox WHERE run = ? ORDER BY sequence"
            ),
            arguments: [run.sequence]
        ).map(answer)
        return run
    }

    /// - Returns: nil if there is no run of that id.
    static func state(of id: String, in database: Database) throws -> (state: RunState, result: String?)? {
        let statement = try database.cachedStatement(sql: "SELECT state, result FROM runs WHERE id = ?")
        guard let row = try Row.fetchOne(statement, arguments: [id]), let state = RunState(rawValue: row["state"]) else {
            return nil
        }
        return (state, row["result"])
    }

    // The message comes last in a row: what is long is not read where it is not shown.
    private static let columns = """
        sequence, id, event_id, event_type, event_source, context, project, stage, service, state, result, received, started,
        finished, stage_commit, project_commit, rerun_of
        """

    static func list(_ search: RunSearch) -> String {
        """
        SELECT \(columns), substr(message, 1, ?) AS message FROM \(search.table) WHERE \(search.condition)
        ORDER BY sequence DESC LIMIT ?
        """
    }

    private static func record(_ row: Row) -> RunRecord? {
        guard let state = RunState(rawValue: row["state"]) else { return nil }
        return RunRecord(
            sequence: row["sequence"],
            id: row["id"],
            event: .init(id: row["event_id"], type: row["event_type"], source: row["event_source"], context: row["context"]),
            project: row["project"],
            stage: row["stage"],
            service: row["service"],
            state: state,
            result: row["result"],
            message: row["message"],
            received: row["received"],
            started: row["started"],
            finished: row["finished"],
            commits: RunCommits(stage: row["stage_commit"], project: row["project_commit"]),
            rerunOf: row["rerun_of"]
        )
    }

    private static func steps(of runs: [Int64], in database: Database) throws -> [Int64: [RunRecord.Step]] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT run, file, level, commit_id, result, exit, signal, status, milliseconds, reason FROM steps
                WHERE run IN (\(runs.map { "\($0)" }.joined(separator: ", "))) ORDER BY run, number
                """
        )
        return Dictionary(grouping: rows) { $0["run"] as Int64 }.mapValues { $0.map(step) }
    }

    private static func step(_ row: Row) -> RunRecord.Step {
        RunRecord.Step(
            file: row["file"],
            level: row["level"],
            commit: row["commit_id"],
            result: row["result"],
            exit: row["exit"],
            signal: row["signal"],
            status: row["status"],
            milliseconds: row["milliseconds"],
            reason: row["reason"]
        )
    }

    private static func answer(_ row: Row) -> RunRecord.Answer {
        RunRecord.Answer(
            id: row["id"],
            type: row["type"],
            state: row["state"],
            attempts: row["attempts"],
            reason: row["reason"],
            created: row["created"],
            settled: row["settled"]
        )
    }
}
