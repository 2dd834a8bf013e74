import CloudEvents
import GRDB
import Keptn
import Synchronization

/// Events on their way into the database, of one sender: all of them come in or none.
final class Arrival: Sendable {
    enum Entry: Sendable {
        case new(AcceptedEvent)
        case known(id: String, run: String)

        var receipt: Receipt {
            switch self {
            case .new(let accepted): Receipt(id: accepted.event.id, run: accepted.run, isNew: true)
            case .known(let id, let run): Receipt(id: id, run: run, isNew: false)
            }
        }
    }

    /// An event as it comes, and what is to be done about it, where that is told already.
    struct Newcomer: Sendable {
        let event: CloudEvent
        var interpretation: Interpretation?
    }

    private struct State {
        var outcome: Result<[Entry], InboxError> = .success([])
        /// What was asked of the waiting room.
        var count = 0
        var bytes = 0
    }

    /// By bytes, as the database compares: to a `String`, letters are the same that are composed in different ways.
    fileprivate struct Key: Hashable {
        let source: [UInt8]
        let id: [UInt8]
    }

    private let newcomers: [Newcomer]
    private let received: Int64
    private let state = Mutex(State())

    init(_ newcomers: [Newcomer], received: Int64) {
        self.newcomers = newcomers
        self.received = received
    }

    var outcome: Result<[Entry], InboxError> { state.withLock { $0.outcome } }

    /// Writes what is new, where there is room. May be called again after a transaction that failed.
    func enter(_ database: Database, _ room: WaitingRoom) throws {
        release(room)
        var runs: [Key: String] = [:]
        for newcomer in newcomers { runs[Key(newcomer.event)] = try Self.run(of: newcomer.event, in: database) }
        var isNew: Set<Key> = []
        let new = newcomers.map(\.event).filter { runs[Key($0)] == nil && isNew.insert(Key($0)).inserted }
        // Events that are known already take no room: their sender shall not come again.
        if !new.isEmpty {
            let bytes = new.reduce(0) { $0 + $1.footprint }
            do {
                try room.enter(count: new.count, bytes: bytes)
            } catch {
                return state.withLock { $0.outcome = .failure(error) }
            }
            state.withLock { ($0.count, $0.bytes) = (new.count, bytes) }
        }
        var entries: [Entry] = []
        for newcomer in newcomers {
            let key = Key(newcomer.event)
            if let run = runs[key] {
                entries.append(.known(id: newcomer.event.id, run: run))
            } else {
                let accepted = try insert(newcomer, database)
                runs[key] = accepted.run
                entries.append(.new(accepted))
            }
        }
        state.withLock { [entries] in $0.outcome = .success(entries) }
    }

    /// Gives back the room of events that did not come in.
    func release(_ room: WaitingRoom) {
        state.withLock { state in
            room.leave(count: state.count, bytes: state.bytes)
            state = State()
        }
    }

    private func insert(_ newcomer: Newcomer, _ database: Database) throws -> AcceptedEvent {
        let event = newcomer.event
        let origin = try OutboxTable.origin(of: event.id, in: database)
        var run = RunTable.NewRun(event: event, origin: origin, received: received)
        let interpretation = origin == .answer ? .ignore(reason: EventRules.ownAnswer) : newcomer.interpretation
        if case .ignore(let reason) = interpretation { run.reasonForNothing = reason }
        let sequence = try RunTable.insert(run, in: database)
        try database.cachedStatement(sql: "INSERT INTO seen (source, id, run, time) VALUES (?, ?, ?, ?)")
            .execute(arguments: [event.source, event.id, run.id, received])
        return AcceptedEvent(
            run: run.id,
            sequence: sequence,
            event: event,
            received: received,
            origin: origin,
            progress: RunProgress(state: run.state, isStarted: false),
            interpretation: interpretation
        )
    }

    private static func run(of event: CloudEvent, in database: Database) throws -> String? {
        let statement = try database.cachedStatement(sql: "SELECT run FROM seen WHERE source = ? AND id = ?")
        return try String.fetchOne(statement, arguments: [event.source, event.id])
    }
}

extension Arrival.Key {
    init(_ event: CloudEvent) { self.init(source: Array(event.source.utf8), id: Array(event.id.utf8)) }
}
