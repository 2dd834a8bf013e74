import CloudEvents
import FoundationEssentials
import GRDB

/// What is written of events that are to be sent.
enum OutboxTable {
    /// An event whose turn it is.
    struct DueEvent: Sendable {
        let sequence: Int64
        let id: String
        let type: String
        let context: String
        /// As it was made, and is sent; it need not be read again.
        let raw: [UInt8]
        /// How often it was tried.
        let attempts: Int
        let created: Int64

        init(_ row: Row) {
            sequence = row["sequence"]
            id = row["id"]
            type = row["type"]
            context = row["context"]
            let data: Data? = row["raw"]
            raw = data.map { Array($0) } ?? []
            attempts = row["attempts"]
            created = row["created"]
        }
    }

    static func insert(_ outgoing: OutgoingEvent, of run: Int64, now: Int64, in database: Database) throws {
        let event = outgoing.event
        let context = outgoing.context ?? "run \(run)"
        // The first that waits of a context is due, at once, and nobody else of it.
        try database.cachedStatement(
            sql: """
                INSERT INTO outbox (run, id, type, context, depth, created, due, state, raw) SELECT ?, ?, ?, ?, ?, ?,
                    CASE WHEN EXISTS (SELECT 1 FROM outbox WHERE context = ? AND state = 'waiting') THEN NULL ELSE 0 END,
                    'waiting', ?
                """
        ).execute(arguments: [
            run, event.id, event.type, context, outgoing.origin.depth, now, context, Data(event.raw),
        ])
    }

    /// Those whose time has come: some that were tried before, then those that were not, the oldest first.
    ///
    /// - Parameters:
    ///   - patience: what is due later than that was written before the clock was set back: it is due now.
    ///   - inHand: not these.
    static func due(at now: Int64, patience: Int64, limit: Int, but inHand: Set<Int64>, in database: Database) throws
        -> [DueEvent]
    {
        var events: [DueEvent] = []
        func take(_ condition: String, _ arguments: StatementArguments, atMost count: Int) throws {
            let statement = try database.cachedStatement(
                sql: """
                    SELECT sequence, id, type, context, attempts, created, raw FROM outbox WHERE \(condition)
                    ORDER BY due, sequence LIMIT ?
                    """
            )
            let rows = try Row.fetchCursor(statement, arguments: arguments + [count + inHand.count])
            let end = events.count + count
            while events.count < end, let row = try rows.next() {
                let event = DueEvent(row)
                if !inHand.contains(event.sequence) { events.append(event) }
            }
        }
        // Neither keeps the others waiting for ever.
        try take("due BETWEEN 1 AND ?", [now], atMost: (limit + 1) / 2)
        try take("due > ?", [now + patience], atMost: limit - events.count)
        try take("due = 0", [], atMost: limit - events.count)
        return events
    }

    /// When the next one is due, of those that are not; nil if nothing waits for its time.
    static func nextDue(after now: Int64, in database: Database) throws -> Int64? {
        try Int64.fetchOne(database, sql: "SELECT min(due) FROM outbox WHERE due > ?", arguments: [now])
    }

    /// Its fate is known; the next one of its context is due.
    static func settle(_ event: DueEvent, failure: String?, now: Int64, in database: Database) throws {
        try database.cachedStatement(
            sql: """
                UPDATE outbox SET state = ?, reason = ?, settled = ?, due = NULL, attempts = attempts + 1,
                    raw = CASE WHEN ? THEN raw END WHERE sequence = ?
                """
        ).execute(arguments: [failure == nil ? "delivered" : "failed", failure, now, failure != nil, event.sequence])
        try database.cachedStatement(
            sql: """
                UPDATE outbox SET due = 0 WHERE due IS NULL AND sequence =
                    (SELECT min(sequence) FROM outbox WHERE context = ? AND state = 'waiting')
                """
        ).execute(arguments: [event.context])
    }

    static func postpone(_ event: DueEvent, until due: Int64, reason: String, in database: Database) throws {
        try database.cachedStatement(sql: "UPDATE outbox SET due = ?, attempts = attempts + 1, reason = ? WHERE sequence = ?")
            .execute(arguments: [due, reason, event.sequence])
    }

    /// Makes the first that waits of each context due, should it not be: rows before it may be lost.
    static func restore(in database: Database) throws {
        try database.execute(
            sql: """
                UPDATE outbox SET due = 0 WHERE due IS NULL AND state = 'waiting' AND NOT EXISTS (
                    SELECT 1 FROM outbox AS earlier WHERE earlier.context = outbox.context AND earlier.state = 'waiting'
                        AND earlier.sequence < outbox.sequence)
                """
        )
    }

    static func depth(in database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "SELECT count(*) FROM outbox WHERE state = 'waiting'") ?? 0
    }

    /// Who made the event of that id.
    static func origin(of id: String, in database: Database) throws -> AcceptedEvent.Origin {
        let statement = try database.cachedStatement(sql: "SELECT depth FROM outbox WHERE id = ?")
        return AcceptedEvent.Origin(depth: try Int.fetchOne(statement, arguments: [id]) ?? 0)
    }
}
