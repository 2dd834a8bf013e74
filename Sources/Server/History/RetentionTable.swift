import GRDB

/// What is removed of the history, in small steps.
enum RetentionTable {
    /// Runs that may go: over, and with nothing that still has to be sent.
    private static let settled =
        "finished IS NOT NULL AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.run = runs.sequence AND outbox.state = 'waiting')"

    /// A run that is removed, as far as others need to know.
    struct Removed: Sendable, Hashable {
        let id: String
        let sequence: Int64
        let bytes: Int
    }

    /// The oldest runs, at most `limit`.
    static func oldest(_ limit: Int, in database: Database) throws -> [Removed] {
        try removed(database, "WHERE \(settled) ORDER BY sequence LIMIT ?", [limit])
    }

    /// The same of those that ended before a time.
    static func oldest(_ limit: Int, endedBefore time: Int64, in database: Database) throws -> [Removed] {
        // Nothing ends before it comes; there is an index for that.
        try removed(
            database,
            "WHERE received < ? AND finished < ? AND \(settled) ORDER BY received LIMIT ?",
            [time, time, limit]
        )
    }

    private static func removed(_ database: Database, _ clause: String, _ arguments: StatementArguments) throws -> [Removed] {
        try Row.fetchAll(database, sql: "SELECT id, sequence, bytes FROM runs \(clause)", arguments: arguments)
            .map { Removed(id: $0["id"], sequence: $0["sequence"], bytes: $0["bytes"]) }
    }

    static func remove(_ runs: [Removed], in database: Database) throws {
        for run in runs {
            for (table, column) in [("events", "run"), ("steps", "run"), ("outbox", "run"), ("runs", "sequence")] {
                try database.cachedStatement(sql: "DELETE FROM \(table) WHERE \(column) = ?").execute(arguments: [run.sequence])
            }
        }
    }

    /// Forgets events that came before `time`.
    ///
    /// - Returns: how many; fewer than `limit` where all are gone.
    static func forget(before time: Int64, limit: Int, in database: Database) throws -> Int {
        try database.execute(
            sql: """
                DELETE FROM seen WHERE (source, id) IN (SELECT source, id FROM seen WHERE time < ? ORDER BY time LIMIT ?)
                """,
            arguments: [time, limit]
        )
        return database.changesCount
    }

    static func count(in database: Database) throws -> Int { try Int.fetchOne(database, sql: "SELECT count(*) FROM runs") ?? 0 }

    /// The size of all outputs. Looks at every run.
    static func outputBytes(in database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "SELECT coalesce(sum(bytes), 0) FROM runs") ?? 0
    }

    /// What the database's file would take without the pages that are free in it.
    static func databaseBytes(in database: Database) throws -> Int {
        func pragma(_ name: String) throws -> Int { try Int.fetchOne(database, sql: "PRAGMA \(name)") ?? 0 }
        return (try pragma("page_count") - pragma("freelist_count")) * (try pragma("page_size"))
    }

    /// Gives free pages back to the disk.
    ///
    /// - Returns: whether it did, and there are more: a file that another program has put together may not be able to.
    static func shrink(pages: Int, in database: Database) throws -> Bool {
        func free() throws -> Int { try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0 }
        let before = try free()
        guard before > 0 else { return false }
        // Each row of this statement is a page.
        _ = try Row.fetchAll(database, sql: "PRAGMA incremental_vacuum(\(pages))")
        let after = try free()
        return after > 0 && after < before
    }
}
