import Basics
import CloudEvents
import Keptn
import Synchronization

/// The events that wait for their turn, each known by its source and id. One that is accepted is on disk.
final class Inbox: Sendable {
    /// The accepted events in order of arrival; ends when the inbox was closed. One reader.
    let events: AsyncStream<AcceptedEvent>
    private let continuation: AsyncStream<AcceptedEvent>.Continuation
    private let store: Store
    private let room: WaitingRoom
    private let interpret: (@Sendable (CloudEvent, _ received: Int64) -> Interpretation)?
    private let clock: WallClock
    private let closed = Atomic(false)

    /// - Parameters:
    ///   - backlog: how many answers wait.
    ///   - interpret: says what is to be done about an event. Where that is nothing, its run is over with the commit that brings it in.
    init(
        store: Store,
        limits: WaitingRoom.Limits,
        clock: WallClock = .system,
        backlog: @escaping @Sendable () -> Int = { 0 },
        interpret: (@Sendable (CloudEvent, _ received: Int64) -> Interpretation)? = nil
    ) {
        self.store = store
        self.interpret = interpret
        self.clock = clock
        room = WaitingRoom(limits, backlog: backlog)
        (events, continuation) = AsyncStream.makeStream()
    }

    /// Accepts all of `events` or none; they are on disk when this returns.
    ///
    /// - Throws: ``InboxError``, and then none was accepted. After a failure of the disk one may have been all the same, and is known
    ///   when it comes again.
    func accept(_ events: [CloudEvent]) async throws(InboxError) -> [Receipt] {
        guard !isClosed else { throw .closed }
        let received = clock.now()
        // Here, not on the writer's thread, for which all wait.
        let newcomers = events.map { Arrival.Newcomer(event: $0, interpretation: interpret?($0, received)) }
        let result = await withCheckedContinuation { waiter in
            let arrival = Arrival(newcomers, received: received)
            store.write(events: events.count) { [room] in
                try arrival.enter($0, room)
            } then: { result in
                // On the writer's thread: the order of the stream is that of the commits.
                waiter.resume(returning: self.finish(arrival, result))
            }
        }
        return try result.get()
    }

    private func finish(_ arrival: Arrival, _ result: Result<Void, StoreError>) -> Result<[Receipt], InboxError> {
        if case .failure(let error) = result {
            arrival.release(room)
            return .failure(error.kind == .closed ? .closed : .store(error))
        }
        return arrival.outcome.map { entries in
            for case .new(let accepted) in entries { continuation.yield(accepted) }
            return entries.map(\.receipt)
        }
    }

    /// Runs an event of the history once more; the new run is on disk when this returns.
    ///
    /// - Throws: ``RerunError``, and then there is no new run. After a failure of the disk there may be one all the same.
    func rerun(_ order: Rerun.Order) async throws(RerunError) -> Receipt {
        guard !isClosed else { throw .inbox(.closed) }
        let result = await withCheckedContinuation { waiter in
            let rerun = Rerun(order, received: clock.now())
            store.write { [room] in
                try rerun.enter($0, room)
            } then: { result in
                waiter.resume(returning: self.finish(rerun, result))
            }
        }
        return try result.get()
    }

    private func finish(_ rerun: Rerun, _ result: Result<Void, StoreError>) -> Result<Receipt, RerunError> {
        if case .failure(let error) = result {
            rerun.release(room)
            return .failure(.inbox(error.kind == .closed ? .closed : .store(error)))
        }
        return rerun.outcome.map { accepted in
            continuation.yield(accepted)
            return Receipt(id: accepted.event.id, run: accepted.run, isNew: true)
        }
    }

    /// Hands an event out that is in the database already: one that waited before a restart.
    func resume(_ accepted: AcceptedEvent) {
        room.restore(bytes: accepted.event.footprint)
        continuation.yield(accepted)
    }

    /// An accepted event waits no longer: it runs, or nothing is to be run for it.
    func leave(_ accepted: AcceptedEvent) { room.leave(bytes: accepted.event.footprint) }

    /// Why nothing can be accepted now; nil if it can.
    func failure() async -> StoreError? { await store.failure() }

    /// How many events wait.
    var depth: Int { room.count }

    /// Accepts nothing more. What was accepted is still handed out.
    func close() {
        closed.store(true, ordering: .relaxed)
        continuation.finish()
    }

    var isClosed: Bool { closed.load(ordering: .relaxed) }
}
