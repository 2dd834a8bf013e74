import Basics
import CloudEvents
import Curl
import GRDB
import Logging
import ServerTestSupport
import Synchronization
import TestSupport
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(3))) struct OutboxTests {
    private let fixture: StoreFixture
    private let metrics = ServiceMetrics()

    init() throws { fixture = try StoreFixture() }

    private func outbox(
        to url: String,
        clock: WallClock = .system,
        timeout: Duration = .seconds(86_400),
        backoff: Backoff = Backoff(first: .milliseconds(1), cap: .milliseconds(20))
    ) -> Outbox {
        let delivery = Delivery(
            target: .http(url),
            client: HTTPClient(),
            timeout: timeout,
            backoff: backoff
        )
        return Outbox(
            store: fixture.store,
            delivery: delivery,
            clock: clock,
            flushTimeout: .seconds(1),
            metrics: metrics,
            logger: StoreFixture.quiet
        )
    }

    private func put(_ ids: [(id: String, context: String)], clock: WallClock = .system) async throws {
        try await fixture.store.write { database in
            for (id, context) in ids {
                let event = OutgoingEvent(event: StoreFixture.event(id, context: context), origin: .answer)
                try OutboxTable.insert(event, of: 1, now: clock.now(), in: database)
            }
        }
    }

    private func states() async throws -> [String: Int] {
        try await fixture.store.read { database in
            let rows = try Row.fetchAll(database, sql: "SELECT state, count(*) AS count FROM outbox GROUP BY state")
            return Dictionary(uniqueKeysWithValues: rows.map { ($0["state"], $0["count"]) })
        }
    }

    private func settled(_ outbox: Outbox) async throws { while outbox.depth > 0 { try await Task.sleep(for: .milliseconds(2)) } }

    @Test("Events of one context arrive in order, and no context waits for another one")
    func order() async throws {
        // The first post is refused for now: its context comes later, and all the same in order.
        let recorder = try await EventRecorder.start { $0 == 1 ? 503 : 200 }
        let outbox = outbox(to: recorder.url)
        let running = Task { try await outbox.run() }
        for number in 0..<20 {
            try await put([("x\(number)", "x"), ("y\(number)", "y")])
            outbox.added(2)
        }
        let events = try await recorder.wait(for: 40)
        for context in ["x", "y"] {
            #expect(events.map(\.id).filter { $0.hasPrefix(context) } == (0..<20).map { "\(context)\($0)" })
        }
        try await settled(outbox)
        running.cancel()
        try await running.value
        #expect(try await states() == ["delivered": 40])
    }

    @Test("A refusal for good is kept, and the next event of the context goes")
    func refused() async throws {
        let recorder = try await EventRecorder.start { $0 == 1 ? 400 : 200 }
        let outbox = outbox(to: recorder.url)
        try await put([("a", "c"), ("b", "c")])
        try await outbox.restore()
        let running = Task { try await outbox.run() }
        #expect(try await recorder.wait(for: 1).map(\.id) == ["b"])
        try await settled(outbox)
        running.cancel()
        try await running.value
        #expect(try await states() == ["delivered": 1, "failed": 1])
        let failed = try await fixture.store.read { database in
            try String.fetchOne(
                database,
                sql: "SELECT id || ': ' || reason FROM outbox WHERE state = 'failed' AND raw IS NOT NULL"
            )
        }
        #expect(failed == "a: \(recorder.url) (EVENTBROKER) refused it with 400")
    }

    @Test(
        "A receiver that is down for six hours: afterwards all arrive, each once, in order per context; hardly anybody tries meanwhile"
    )
    func outage() async throws {
        let clock = TestClock()
        let time = WallClock(clock)
        let isDown = Mutex(true)
        let recorder = try await EventRecorder.start { _ in isDown.withLock { $0 } ? 503 : 200 }
        // Nobody listens at first; later the receiver is there and has no time.
        let silent = outbox(
            to: "http://127.0.0.1:1/",
            clock: time,
            backoff: Backoff(first: .milliseconds(50), cap: .milliseconds(200))
        )
        let contexts = 200
        let all = (0..<10).flatMap { number in (0..<contexts).map { ("\($0)/\(number)", "\($0)") } }
        try await put(all, clock: time)
        try await silent.restore()
        let first = Task { try await silent.run() }
        for _ in 0..<12 {
            _ = clock.advance(1_800)
            try await Task.sleep(for: .milliseconds(20))
        }
        first.cancel()
        try await first.value
        #expect(try await states() == ["waiting": all.count])
        let attempts = try await fixture.store.read { try Int.fetchOne($0, sql: "SELECT sum(attempts) FROM outbox") ?? 0 }
        #expect(attempts < 200, "one event at a time finds out whether the receiver is there")

        let outbox = outbox(to: recorder.url, clock: time)
        try await outbox.restore()
        #expect(outbox.depth == all.count)
        let second = Task { try await outbox.run() }
        while recorder.posts < 50 { try await Task.sleep(for: .milliseconds(2)) }
        isDown.withLock { $0 = false }
        // Those that were refused are due some time later.
        while outbox.depth > 0 {
            _ = clock.advance(60)
            try await Task.sleep(for: .milliseconds(5))
        }
        second.cancel()
        try await second.value
        let events = recorder.events
        #expect(events.count == all.count && Set(events.map(\.id)).count == all.count)
        for context in 0..<contexts {
            #expect(events.map(\.id).filter { $0.hasPrefix("\(context)/") } == (0..<10).map { "\(context)/\($0)" })
        }
        #expect(try await states() == ["delivered": all.count])
    }

    @Test("What is not delivered in time is given up, after one more attempt")
    func timeout() async throws {
        let clock = TestClock()
        let time = WallClock(clock)
        let recorder = try await EventRecorder.start { _ in 503 }
        let outbox = outbox(to: recorder.url, clock: time, timeout: .seconds(3_600))
        try await put([("a", "a")], clock: time)
        try await outbox.restore()
        _ = clock.advance(3_600)
        let running = Task { try await outbox.run() }
        try await settled(outbox)
        running.cancel()
        try await running.value
        #expect(recorder.posts == 1)
        #expect(try await states() == ["failed": 1])
    }

    @Test("A clock that was set back by a day holds nothing up")
    func clockSetBack() async throws {
        let recorder = try await EventRecorder.start()
        let clock = TestClock()
        let time = WallClock(clock)
        try await put([("a", "a"), ("b", "a")], clock: time)
        try await fixture.store.write { database in
            // As an attempt before has left it.
            try database.execute(sql: "UPDATE outbox SET attempts = 1, due = created + 30000 WHERE id = 'a'")
        }
        _ = clock.advance(-86_400)
        let outbox = outbox(to: recorder.url, clock: time)
        try await outbox.restore()
        let running = Task { try await outbox.run() }
        #expect(try await recorder.wait(for: 2).map(\.id) == ["a", "b"])
        try await settled(outbox)
        running.cancel()
        try await running.value
    }
}

extension OutboxTests {
    @Test("What our own parser would not read is sent all the same: a script's result may be nested deep")
    func deep() async throws {
        let recorder = try await EventRecorder.start()
        let outbox = outbox(to: recorder.url)
        let running = Task { try await outbox.run() }
        let deep = (0..<140).reduce(JSON.null) { inner, _ in [inner] }
        try await fixture.store.write { database in
            let event = OutgoingEvent(event: StoreFixture.event("deep", context: "c", data: deep), origin: .answer)
            try OutboxTable.insert(event, of: 1, now: 0, in: database)
        }
        try await put([("after", "c")])
        outbox.added(2)
        // The recorder reads as we do: it refuses that one for good.
        try await recorder.wait(for: 1)
        try await settled(outbox)
        running.cancel()
        try await running.value
        #expect(recorder.posts == 2 && recorder.events.map(\.id) == ["after"])
    }

    @Test("A context whose first event is lost goes on with the next one after a start")
    func lostHead() async throws {
        let recorder = try await EventRecorder.start()
        try await put([("a", "c"), ("b", "c"), ("x", "d")])
        try await fixture.store.write { try $0.execute(sql: "DELETE FROM outbox WHERE id = 'a'") }
        let outbox = outbox(to: recorder.url)
        try await outbox.restore()
        let running = Task { try await outbox.run() }
        try await recorder.wait(for: 2)
        try await settled(outbox)
        running.cancel()
        try await running.value
        #expect(Set(recorder.events.map(\.id)) == ["b", "x"])
    }

    @Test("Started and finished of an event without a context are sent in order")
    func withoutContext() async throws {
        let recorder = try await EventRecorder.start { $0 == 1 ? 503 : 200 }
        try await fixture.store.write { database in
            for id in ["started", "finished"] {
                let event = OutgoingEvent(event: StoreFixture.event(id), origin: .answer)
                try OutboxTable.insert(event, of: 7, now: WallClock.system.now(), in: database)
            }
        }
        let outbox = outbox(to: recorder.url)
        try await outbox.restore()
        let running = Task { try await outbox.run() }
        #expect(try await recorder.wait(for: 2).map(\.id) == ["started", "finished"])
        try await settled(outbox)
        running.cancel()
        try await running.value
    }
}

@Suite struct DeliveryVerdictTests {
    private static let backoff = Backoff(first: .milliseconds(500), cap: .seconds(60))

    @Test(
        "What is done after an attempt",
        arguments: [
            (DeliveryAttempt.delivered, 1, Int64(0), DeliveryVerdict.delivered),
            (.delivered, 9, 100_000_000, .delivered),
            (.refused(reason: "x"), 1, 0, .refused),
            (.failed(reason: "x", isConnected: false, retryAfter: nil), 1, 0, .retry(due: 500)),
            (.failed(reason: "x", isConnected: true, retryAfter: nil), 3, 10_000, .retry(due: 12_000)),
            (.failed(reason: "x", isConnected: true, retryAfter: nil), 50, 10_000, .retry(due: 70_000)),
            (.failed(reason: "x", isConnected: true, retryAfter: .seconds(120)), 1, 0, .retry(due: 120_000)),
            (.failed(reason: "x", isConnected: true, retryAfter: nil), 50, 86_399_999, .retry(due: 86_459_999)),
            (.failed(reason: "x", isConnected: true, retryAfter: nil), 50, 86_400_000, .refused),
            // The clock was set back: the event is not older for it.
            (.failed(reason: "x", isConnected: true, retryAfter: nil), 1, -86_400_000, .retry(due: -86_399_500)),
        ]
    )
    func verdict(attempt: DeliveryAttempt, attempts: Int, now: Int64, expected: DeliveryVerdict) {
        let verdict = DeliveryVerdict(
            attempt,
            attempts: attempts,
            created: 0,
            now: now,
            timeout: .seconds(86_400),
            backoff: Self.backoff,
            jitter: 1
        )
        #expect(verdict == expected)
    }
}
