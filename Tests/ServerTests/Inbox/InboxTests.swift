import CloudEvents
import GRDB
import Keptn
import TestSupport
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(3))) struct InboxTests {
    private let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    private func event(_ id: String, source: String = "test") -> CloudEvent { StoreFixture.event(id, source: source) }

    @Test("Events come out in the order in which they came in")
    func order() async throws {
        let inbox = fixture.inbox()
        let receipts = try await inbox.accept([event("a"), event("b")]) + inbox.accept([event("c")])
        inbox.close()
        var accepted: [AcceptedEvent] = []
        for await event in inbox.events { accepted.append(event) }
        #expect(accepted.map(\.event.id) == ["a", "b", "c"])
        #expect(accepted.map(\.sequence) == [1, 2, 3])
        #expect(accepted.map(\.run) == receipts.map(\.run))
    }

    @Test("An event is known by its source and id, also after a restart: it gets the run of the first time")
    func known() async throws {
        let inbox = fixture.inbox()
        let first = try await inbox.accept([event("a")])[0]
        let second = try await inbox.accept([event("a")])[0]
        #expect(first.isNew && !second.isNew)
        #expect(first.run == second.run)
        #expect(try await inbox.accept([event("a", source: "other")])[0].isNew)
        #expect(inbox.depth == 2)
        await fixture.store.close()
        let next = try StoreFixture(in: fixture.directory).inbox()
        #expect(try await next.accept([event("a")]) == [Receipt(id: "a", run: first.run, isNew: false)])
    }

    @Test("An event that is twice in a batch is one event")
    func twiceInBatch() async throws {
        let inbox = fixture.inbox(count: 1)
        let receipts = try await inbox.accept([event("a"), event("a")])
        #expect(receipts.map(\.isNew) == [true, false])
        #expect(Set(receipts.map(\.run)).count == 1)
        #expect(inbox.depth == 1)
    }

    @Test("Ids that differ in their bytes alone are two: letters can be composed in different ways")
    func normalisation() async throws {
        let receipts = try await fixture.inbox().accept([event("caf\u{E9}"), event("cafe\u{301}")])
        #expect(receipts.map(\.isNew) == [true, true])
    }

    @Test("A hundred senders at once with the same event get the same run")
    func sameEventAtOnce() async throws {
        let inbox = fixture.inbox(count: 1_000)
        let event = event("a")
        let receipts = try await withThrowingTaskGroup(of: Receipt.self) { group in
            for _ in 0..<100 { group.addTask { try await inbox.accept([event])[0] } }
            return try await group.reduce(into: [Receipt]()) { $0.append($1) }
        }
        #expect(receipts.count(where: \.isNew) == 1)
        #expect(Set(receipts.map(\.run)).count == 1)
        #expect(inbox.depth == 1)
    }

    @Test("Of a batch all are taken or none, and who leaves makes room")
    func limit() async throws {
        let inbox = fixture.inbox(count: 2)
        _ = try await inbox.accept([event("a")])
        await #expect(throws: InboxError.full(limit: 2)) { try await inbox.accept([event("b"), event("c")]) }
        #expect(inbox.depth == 1)
        var events = inbox.events.makeAsyncIterator()
        inbox.leave(try #require(await events.next()))
        #expect(try await inbox.accept([event("b"), event("c")]).allSatisfy(\.isNew))
    }

    @Test("Large events fill the queue before there are many; one has room in any case")
    func bytes() async throws {
        let inbox = fixture.inbox(bytes: 1_000)
        let large = StoreFixture.event("large", data: .string(String(repeating: "x", count: 2_000)))
        #expect(try await inbox.accept([large])[0].isNew)
        await #expect(throws: InboxError.fullOfBytes(limit: 1_000)) { try await inbox.accept([event("b")]) }
        var events = inbox.events.makeAsyncIterator()
        inbox.leave(try #require(await events.next()))
        #expect(try await inbox.accept([event("b")])[0].isNew)
    }

    @Test("A full inbox still knows what it has")
    func knownWhenFull() async throws {
        let inbox = fixture.inbox(count: 1)
        let first = try await inbox.accept([event("a")])[0]
        #expect(try await inbox.accept([event("a")]) == [Receipt(id: "a", run: first.run, isNew: false)])
        await #expect(throws: InboxError.full(limit: 1)) { try await inbox.accept([event("a"), event("b")]) }
        #expect(inbox.depth == 1)
    }

    @Test("Answers that wait for their receiver leave less room for events")
    func backlog() async throws {
        let inbox = fixture.inbox(count: 3, backlog: { 2 })
        _ = try await inbox.accept([event("a")])
        await #expect(throws: InboxError.full(limit: 3)) { try await inbox.accept([event("b")]) }
    }

    @Test("A closed inbox takes nothing")
    func closed() async {
        let inbox = fixture.inbox()
        inbox.close()
        await #expect(throws: InboxError.closed) { try await inbox.accept([event("a")]) }
    }

    @Test("Many senders share a commit, and each event is in the database when its sender is told")
    func groupCommit() async throws {
        let inbox = fixture.inbox(count: 10_000)
        let before = fixture.store.commits
        try await withThrowingTaskGroup(of: Void.self) { group in
            for sender in 0..<64 {
                group.addTask {
                    for number in 0..<20 {
                        let receipt = try await inbox.accept([StoreFixture.event("\(sender)-\(number)")])[0]
                        let state = try await fixture.store.read {
                            try String.fetchOne($0, sql: "SELECT state FROM runs WHERE id = ?", arguments: [receipt.run])
                        }
                        #expect(state == "received")
                    }
                }
            }
            try await group.waitForAll()
        }
        let commits = fixture.store.commits - before
        #expect(commits < 1_280 / 4, "\(commits) commits for 1,280 events of 64 senders")
    }

    @Test("A clock that is set back changes neither the order nor what is known")
    func clockSetBack() async throws {
        let clock = TestClock()
        let inbox = Inbox(store: fixture.store, limits: .init(count: 10, bytes: 1 << 20), clock: WallClock(clock))
        _ = try await inbox.accept([event("a")])
        _ = clock.advance(-86_400)
        _ = try await inbox.accept([event("b")])
        #expect(try await inbox.accept([event("a")])[0].isNew == false)
        inbox.close()
        var order: [String] = []
        for await accepted in inbox.events { order.append(accepted.event.id) }
        #expect(order == ["a", "b"])
        let kept = try await fixture.store.read { try String.fetchAll($0, sql: "SELECT event_id FROM runs ORDER BY sequence") }
        #expect(kept == ["a", "b"])
    }

    @Test("A run of an event that asks for nothing is over as soon as it is accepted; it is handed out all the same")
    func nothing() async throws {
        let rules = EventRules(interpreter: EventInterpreter(), maximumAge: .seconds(60))
        let limits = WaitingRoom.Limits(count: 10, bytes: 1 << 20)
        let inbox = Inbox(store: fixture.store, limits: limits, interpret: { rules.interpret($0, received: $1) })
        let answer = event("answer")
        try await fixture.store.write { database in
            try OutboxTable.insert(OutgoingEvent(event: answer, origin: .answer), of: 1, now: 0, in: database)
        }
        var old = event("old")
        old.time = Timestamp(milliseconds: WallClock.system.now() - 120_000)
        let commits = fixture.store.commits
        _ = try await inbox.accept([event("runs"), StoreFixture.event("no project", data: [:]), answer, old])
        #expect(fixture.store.commits == commits + 1)
        let rows = try await fixture.store.read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT event_id, state, finished = received AS over, message FROM runs ORDER BY sequence"
            )
            .map { "\($0["event_id"] as String): \($0["state"] as String), \($0["over"] as Bool?, default: "-")" }
        }
        #expect(
            rows == [
                "runs: received, -", "no project: nothing to run, true", "answer: nothing to run, true",
                "old: nothing to run, true",
            ]
        )
        inbox.close()
        var states: [RunState] = []
        for await accepted in inbox.events { states.append(accepted.progress.state) }
        #expect(states == [.received, .nothingToRun, .nothingToRun, .nothingToRun])
        #expect(inbox.depth == 4)
    }

    @Test("What comes back of our own answers and follow-ups is known by its id")
    func origin() async throws {
        let inbox = fixture.inbox()
        let (answer, followUp) = (event("answer"), event("follow-up"))
        try await fixture.store.write { database in
            try OutboxTable.insert(OutgoingEvent(event: answer, origin: .answer), of: 1, now: 0, in: database)
            try OutboxTable.insert(OutgoingEvent(event: followUp, origin: .followUp(depth: 3)), of: 1, now: 0, in: database)
        }
        _ = try await inbox.accept([answer, followUp, event("other")])
        inbox.close()
        var origins: [AcceptedEvent.Origin] = []
        for await accepted in inbox.events { origins.append(accepted.origin) }
        #expect(origins == [.answer, .followUp(depth: 3), .sender])
    }
}

@Suite struct BoundedMemoryTests {
    @Test("The oldest entries are forgotten, whatever was set again")
    func forgets() {
        var memory = BoundedMemory<Int, String>(capacity: 3)
        for key in 0..<3 { memory[key] = "\(key)" }
        memory[0] = "again"
        memory[3] = "3"
        #expect((0...3).map { memory[$0] } == [nil, "1", "2", "3"])
        for key in 4..<100 { memory[key] = "\(key)" }
        #expect(memory.count == 3)
        #expect(memory[99] == "99")
    }
}
