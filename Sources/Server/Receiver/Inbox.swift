import Basics
import CloudEvents
import Synchronization

/// An event that a sender was told 2xx for. A class, for it goes through many hands and never changes.
final class AcceptedEvent: Sendable {
    /// The id of the run that it started.
    let run: String
    /// Its place in the order of arrival.
    let sequence: UInt64
    let event: CloudEvent
    let time = ContinuousClock.now

    init(run: String, sequence: UInt64, event: CloudEvent) {
        self.run = run
        self.sequence = sequence
        self.event = event
    }
}

/// What a sender is told of one event.
struct Receipt: Sendable, Hashable {
    let id: String
    let run: String
    /// False where the event had come before: then `run` is the run of that first time.
    let isNew: Bool
}

/// Why events were not accepted; the sender may come again.
enum InboxError: Error, Hashable {
    case full(limit: Int)
    case closed
}

/// The events that wait for their turn, each kind known by its source and id. This one lives in memory: it is lost with the process.
final class Inbox: Sendable {
    private struct Key: Hashable {
        let source: String
        let id: String
    }

    private struct State {
        var runs: BoundedMemory<Key, String>
        var waiting = 0
        var nextSequence: UInt64 = 0
        var isClosed = false
    }

    /// The accepted events in order of arrival; ends when the inbox was closed. One reader.
    let events: AsyncStream<AcceptedEvent>
    private let continuation: AsyncStream<AcceptedEvent>.Continuation
    private let limit: Int
    private let backlog: @Sendable () -> Int
    private let state: Mutex<State>

    /// - Parameters:
    ///   - limit: how many events may wait before more are refused.
    ///   - memory: how many events are known again when they come twice.
    ///   - backlog: how many answers wait for a receiver that takes none; they count against the limit too.
    init(limit: Int, memory: Int = 20_000, backlog: @escaping @Sendable () -> Int = { 0 }) {
        self.limit = limit
        self.backlog = backlog
        (events, continuation) = AsyncStream.makeStream()
        state = Mutex(State(runs: BoundedMemory(capacity: max(limit, memory))))
    }

    /// Accepts all of `events` or none.
    ///
    /// - Throws: ``InboxError``, and then none was accepted.
    func accept(_ events: [CloudEvent]) throws(InboxError) -> [Receipt] {
        let backlog = backlog()
        return try state.withLock { state throws(InboxError) in
            guard !state.isClosed else { throw .closed }
            // Events that are known already take no room: their sender shall not come again.
            let newcomers = events.count { state.runs[Key(source: $0.source, id: $0.id)] == nil }
            guard newcomers == 0 || state.waiting + newcomers + backlog <= limit else { throw .full(limit: limit) }
            return events.map { event in
                let key = Key(source: event.source, id: event.id)
                if let run = state.runs[key] { return Receipt(id: event.id, run: run, isNew: false) }
                let accepted = AcceptedEvent(run: UniqueID.ordered(), sequence: state.nextSequence, event: event)
                state.nextSequence += 1
                state.runs[key] = accepted.run
                state.waiting += 1
                // Inside the lock: the stream's order is the order of the sequence numbers.
                continuation.yield(accepted)
                return Receipt(id: event.id, run: accepted.run, isNew: true)
            }
        }
    }

    /// An accepted event waits no longer: it runs, or nothing is to be run for it.
    func leave() { state.withLock { $0.waiting -= 1 } }

    /// How many events wait.
    var depth: Int { state.withLock { $0.waiting } }

    /// Accepts nothing more. What was accepted is still handed out.
    func close() {
        state.withLock { $0.isClosed = true }
        continuation.finish()
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }
}
