import CloudEvents
import FoundationEssentials
import GRDB

/// What is written of events that are to be sent.
enum OutboxTable {
    /// An event whose turn it is.
    struct DueEvent: Sendable {
        let sequence: Int64
        let event: CloudEvent
        let context: String
        /// How often it was tried.
        let attempts: Int
        let created: Int64
    }

    static func insert(_ outgoing: OutgoingEvent, of run: Int64, now: Int64, in database: Database) throws {
        let event = outgoing.event
        // The first that waits of a context is due, and nobody else of it.
        try database.cachedStatement(
            sql: """
                INSERT INTO outbox (run, id, type, context, depth, created, due, state, raw) SELECT ?, ?, ?, ?, ?, ?,
                    CASE WHEN EXISTS (SELECT 1 FROM outbox WHERE context = ? AND state = 'waiting') THEN NULL ELSE ? END,
                    'waiting', ?
                """
        ).execute(arguments: [
            run, event.id, event.type, outgoing.context, outgoing.origin.depth, now, outgoing.context, now, Data(event.raw),
        ])
    }

    /// Those whose time has come, the oldest first.
    ///
    /// - Parameters:
    ///   - patience: what is due later than that was written before the clock was set back: it is due now.
    ///   - inHand: not these.
    static func due(at now: Int64, patience: Int64, limit: Int, but inHand: Set<Int64>, in database: Database) throws
        -> [DueEvent]
    {
        let rows = try Row.fetchCursor(
            database.cachedStatement(
                sql: """
                    SELECT sequence, context, attempts, created, raw FROM outbox
                    WHERE due IS NOT NULL AND (due <= ? OR due > ?) ORDER BY due, sequence LIMIT ?
                    """
            ),
            arguments: [now, now + patience, limit + inHand.count]
        )
        var events: [DueEvent] = []
        while events.count < limit, let row = try rows.next() {
            let sequence: Int64 = row["sequence"]
            guard !inHand.contains(sequence), let data: Data = row["raw"],
                let event = try? EventDecoder.decode(structured: Array(data), now: .now())
            else { continue }
            events.append(
                DueEvent(
                    sequence: sequence,
                    event: event,
                    context: row["context"],
                    attempts: row["attempts"],
                    created: row["created"]
                )
            )
        }
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
                UPDATE outbox SET due = ? WHERE due IS NULL AND sequence =
                    (SELECT min(sequence) FROM outbox WHERE context = ? AND state = 'waiting')
                """
        ).execute(arguments: [now, event.context])
    }

    static func postpone(_ event: DueEvent, until due: Int64, reason: String, in database: Database) throws {
        try database.cachedStatement(sql: "UPDATE outbox SET due = ?, attempts = attempts + 1, reason = ? WHERE sequence = ?")
            .execute(arguments: [due, reason, event.sequence])
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
