import Basics
import GRDB
import Logging

/// Keeps what happens to runs in the database, and wakes the outbox.
struct StoredJournal: RunJournal {
    let store: Store
    let outbox: Outbox
    let clock: WallClock
    /// Set when the time for what runs is up.
    let ending: Ending
    let logger: Logger

    let isDurable = true

    /// While the disk has no room, waits until it has, or the service ends.
    func keep(_ change: RunChange, of run: AcceptedEvent) async throws {
        var logger = logger
        logger[metadataKey: "run.id"] = "\(run.run)"
        try await store.writeWhenPossible(logger: logger, isEnding: { ending.hasBegun }) { [clock] database in
            try Self.write(change, of: run, now: clock.now(), in: database)
        }
        outbox.added(change.events.count)
    }

    static func write(_ change: RunChange, of run: AcceptedEvent, now: Int64, in database: Database) throws {
        try RunTable.update(run.sequence, change, now: now, in: database)
        for event in change.events { try OutboxTable.insert(event, of: run.sequence, now: now, in: database) }
    }
}
