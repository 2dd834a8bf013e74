import CloudEvents
import FoundationEssentials
import GRDB
import Synchronization

/// A run of the history on its way into the database once more.
final class Rerun: Sendable {
    /// What is asked for.
    struct Order: Sendable, Hashable {
        /// The id of the run.
        let run: String
        /// Service and stage level come from the commit of that run, not from the current one.
        var pinsCommit = false
        /// Keptn is answered, and follow-ups are sent.
        var isAnswered = false
    }

    private struct State {
        var outcome: Result<AcceptedEvent, RerunError> = .failure(.unknown)
        /// What was asked of the waiting room.
        var bytes: Int?
    }

    private let order: Order
    private let received: Int64
    private let state = Mutex(State())

    init(_ order: Order, received: Int64) {
        self.order = order
        self.received = received
    }

    var outcome: Result<AcceptedEvent, RerunError> { state.withLock { $0.outcome } }

    /// Writes the new run, where there is room. May be called again after a transaction that failed.
    func enter(_ database: Database, _ room: WaitingRoom) throws {
        release(room)
        let outcome: Result<AcceptedEvent, RerunError>
        do {
            outcome = .success(try insert(database, room))
        } catch let error as RerunError {
            outcome = .failure(error)
        }
        state.withLock { $0.outcome = outcome }
    }

    /// Gives back the room of a run that did not come in.
    func release(_ room: WaitingRoom) {
        state.withLock { state in
            if let bytes = state.bytes { room.leave(bytes: bytes) }
            state = State()
        }
    }

    private func insert(_ database: Database, _ room: WaitingRoom) throws -> AcceptedEvent {
        let statement = try database.cachedStatement(
            sql: """
                SELECT depth, received, stage_commit, raw FROM runs LEFT JOIN events ON events.run = runs.sequence WHERE id = ?
                """
        )
        guard let row = try Row.fetchOne(statement, arguments: [order.run]) else { throw RerunError.unknown }
        let time = Timestamp(milliseconds: row["received"])
        guard let raw: Data = row["raw"], let event = try? EventDecoder.decode(structured: Array(raw), now: time) else {
            throw RerunError.unreadable
        }
        let commit: String? = row["stage_commit"]
        if order.pinsCommit, commit == nil { throw RerunError.noCommit }
        do {
            try room.enter(count: 1, bytes: event.footprint)
        } catch {
            throw RerunError.inbox(error)
        }
        state.withLock { $0.bytes = event.footprint }
        let run = RunTable.NewRun(
            event: event,
            origin: .init(depth: row["depth"]),
            rerunOf: order.run,
            isSilent: !order.isAnswered,
            pinnedCommit: order.pinsCommit ? commit : nil,
            received: received
        )
        return AcceptedEvent(
            run: run.id,
            sequence: try RunTable.insert(run, in: database),
            event: event,
            received: received,
            origin: run.origin,
            isSilent: run.isSilent,
            pinnedCommit: run.pinnedCommit,
            isRerun: true
        )
    }
}

/// Why a run cannot be run again.
enum RerunError: Error, Hashable, CustomStringConvertible {
    case unknown
    /// Its event is not in the database any more, or damaged.
    case unreadable
    /// It used no commit that could be pinned.
    case noCommit
    case inbox(InboxError)

    var description: String {
        switch self {
        case .unknown: "there is no run of this id"
        case .unreadable: "its event cannot be read from the history any more; let the sender send it again"
        case .noCommit: "it used no commit of its service or stage level, so there is none to pin; run it with the current commit"
        case .inbox(let error): "\(error)"
        }
    }
}
