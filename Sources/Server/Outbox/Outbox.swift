import Basics
import CloudEvents
import GRDB
import Logging
import ServiceLifecycle
import Synchronization

/// Sends what the database says is to be sent, in order per Keptn context: a context whose event is refused for now delays no other.
///
/// In memory are only the events on their way. What the receiver does not take stays in the database for as long as
/// `DELIVERY_TIMEOUT` says, over restarts.
final class Outbox: Service {
    private struct State {
        var inHand: Set<Int64> = []
        var pace: ReceiverPace
        var depth = 0
        var isEnding = false
    }

    /// Events on their way at once.
    private static let width = 32

    private let store: Store
    private let delivery: Delivery
    private let clock: WallClock
    private let flushTimeout: Duration
    private let metrics: ServiceMetrics
    private let logger: Logger
    private let state: Mutex<State>
    private let bells: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation

    /// - Parameter flushTimeout: how long what waits is still tried after the shutdown began.
    init(
        store: Store,
        delivery: Delivery,
        clock: WallClock = .system,
        flushTimeout: Duration,
        metrics: ServiceMetrics,
        logger: Logger
    ) {
        self.store = store
        self.delivery = delivery
        self.clock = clock
        self.flushTimeout = flushTimeout
        self.metrics = metrics
        self.logger = logger
        state = Mutex(State(pace: ReceiverPace(width: Self.width, backoff: delivery.backoff)))
        (bells, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// How many events wait to be sent.
    var depth: Int { state.withLock { $0.depth } }

    /// Takes up what waits from before the start. To be called before anything is added.
    func restore() async throws {
        let depth = try await store.write { database in
            try OutboxTable.restore(in: database)
            return try OutboxTable.depth(in: database)
        }
        state.withLock { $0.depth = depth }
    }

    /// Events were put into the database.
    func added(_ count: Int) {
        guard count > 0 else { return }
        state.withLock { $0.depth += count }
        bell.yield()
    }

    /// Sends until the graceful shutdown, then what is due, within the flush timeout. The rest stays for the next start.
    func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.sendAll() }
            group.addTask {
                try? await gracefulShutdown()
                self.state.withLock { $0.isEnding = true }
                self.bell.yield()
                try? await Task.sleep(for: self.flushTimeout)
            }
            // The first task ends when all is sent that can be, the second when time is up.
            await group.next()
            group.cancelAll()
        }
        if depth > 0 { logger.notice("answers wait for the next start", metadata: ["answers": "\(depth)"]) }
    }

    private func sendAll() async {
        var alarm: Task<Void, Never>?
        await withDiscardingTaskGroup { group in
            var bells = bells.makeAsyncIterator()
            bell.yield()
            while await bells.next() != nil {
                let next = await sendDue(&group)
                // What is not due yet, or not to be had, is for the next start.
                if state.withLock({ $0.isEnding && $0.inHand.isEmpty }) { break }
                alarm?.cancel()
                alarm = next.map { next in
                    Task { [bell] in
                        do { try await Task.sleep(until: next, clock: .continuous) } catch { return }
                        bell.yield()
                    }
                }
            }
            group.cancelAll()
        }
        alarm?.cancel()
    }

    /// Begins to send what is due.
    ///
    /// - Returns: when to look again, if nothing happens before.
    private func sendDue(_ group: inout DiscardingTaskGroup) async -> ContinuousClock.Instant? {
        let (room, inHand, resumption) = state.withLock { state in
            (state.pace.room(at: .now, inFlight: state.inHand.count), state.inHand, state.pace.resumption)
        }
        guard room > 0 else { return inHand.isEmpty ? resumption : nil }
        let now = clock.now()
        let patience = Int64(delivery.longestWait.seconds * 2_000)
        do {
            let (due, next) = try await store.read(as: .outbox) { database in
                let due = try OutboxTable.due(at: now, patience: patience, limit: room, but: inHand, in: database)
                return (due, due.count < room ? try OutboxTable.nextDue(after: now, in: database) : nil)
            }
            for event in due {
                state.withLock { _ = $0.inHand.insert(event.sequence) }
                group.addTask { await self.send(event) }
            }
            return next.map { .now + min(.milliseconds($0 - now), .seconds(60)) }
        } catch {
            if !Task.isCancelled { logger.error("answers cannot be read", metadata: ["reason": "\(error)"]) }
            return .now + .seconds(1)
        }
    }

    private func send(_ due: OutboxTable.DueEvent) async {
        defer {
            state.withLock { _ = $0.inHand.remove(due.sequence) }
            bell.yield()
        }
        let attempt = await delivery.attempt(due.raw)
        // What has come of an attempt that was cut off is not known; the receiver knows the event by its id if it comes again.
        if attempt != .delivered, Task.isCancelled { return }
        state.withLock { state in
            if case .failed(_, false, _) = attempt { state.pace.failedToConnect(at: .now) } else { state.pace.answered() }
        }
        let now = clock.now()
        let verdict = DeliveryVerdict(
            attempt,
            attempts: due.attempts + 1,
            created: due.created,
            now: now,
            timeout: delivery.timeout,
            backoff: delivery.backoff
        )
        log(attempt, verdict, due)
        do {
            try await store.writeWhenPossible(logger: logger, isEnding: { Task.isCancelled }) { database in
                switch verdict {
                case .delivered: try OutboxTable.settle(due, failure: nil, now: now, in: database)
                case .refused: try OutboxTable.settle(due, failure: attempt.reason ?? "", now: now, in: database)
                case .retry(let next): try OutboxTable.postpone(due, until: next, reason: attempt.reason ?? "", in: database)
                }
            }
        } catch {
            // It may go twice, with the same id.
            return logger.error("what came of an answer could not be kept", metadata: ["reason": "\(error)"])
        }
        guard verdict.isFinal else { return }
        state.withLock { $0.depth -= 1 }
        metrics.record(verdict == .delivered ? .delivered : .refused, .milliseconds(max(0, now - due.created)))
    }

    private func log(_ attempt: DeliveryAttempt, _ verdict: DeliveryVerdict, _ due: OutboxTable.DueEvent) {
        var metadata: Logger.Metadata = [
            "event.id": "\(due.id)", "event.type": "\(due.type)", "keptn.context": "\(due.context)",
        ]
        if let reason = attempt.reason {
            metadata["error"] = "\(reason)"
            metadata["attempt"] = "\(due.attempts + 1)"
        }
        switch verdict {
        case .delivered: logger.debug("event delivered", metadata: metadata)
        case .refused: logger.error("event could not be delivered", metadata: metadata)
        case .retry: logger.log(level: due.attempts == 0 ? .warning : .debug, "event will be sent again", metadata: metadata)
        }
    }
}
