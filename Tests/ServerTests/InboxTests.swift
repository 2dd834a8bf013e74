import CloudEvents
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(3))) struct InboxTests {
    private func event(_ id: String, source: String = "test") -> CloudEvent {
        CloudEvent(id: id, source: source, specVersion: .v1_0, type: "t", time: .now(), data: nil)
    }

    @Test("Events come out in the order in which they came in")
    func order() async throws {
        let inbox = Inbox(limit: 10)
        let receipts = try inbox.accept([event("a"), event("b")]) + inbox.accept([event("c")])
        inbox.close()
        var accepted: [AcceptedEvent] = []
        for await event in inbox.events { accepted.append(event) }
        #expect(accepted.map(\.event.id) == ["a", "b", "c"])
        #expect(accepted.map(\.sequence) == [0, 1, 2])
        #expect(accepted.map(\.run) == receipts.map(\.run))
    }

    @Test("An event is known by its source and id: the second time it gets the run of the first")
    func known() throws {
        let inbox = Inbox(limit: 10)
        let first = try inbox.accept([event("a")])[0]
        let second = try inbox.accept([event("a")])[0]
        #expect(first.isNew && !second.isNew)
        #expect(first.run == second.run)
        #expect(try inbox.accept([event("a", source: "other")])[0].isNew)
        #expect(inbox.depth == 2)
    }

    @Test("Of a batch all are taken or none, and who leaves makes room")
    func limit() throws {
        let inbox = Inbox(limit: 2)
        _ = try inbox.accept([event("a")])
        #expect(throws: InboxError.full(limit: 2)) { try inbox.accept([event("b"), event("c")]) }
        #expect(inbox.depth == 1)
        inbox.leave()
        #expect(try inbox.accept([event("b"), event("c")]).allSatisfy(\.isNew))
    }

    @Test("A full inbox still knows what it has")
    func knownWhenFull() throws {
        let inbox = Inbox(limit: 1)
        let first = try inbox.accept([event("a")])[0]
        #expect(try inbox.accept([event("a")]) == [Receipt(id: "a", run: first.run, isNew: false)])
        #expect(throws: InboxError.full(limit: 1)) { try inbox.accept([event("a"), event("b")]) }
        #expect(inbox.depth == 1)
    }

    @Test("Answers that wait for their receiver leave less room for events")
    func backlog() throws {
        let inbox = Inbox(limit: 3, backlog: { 2 })
        _ = try inbox.accept([event("a")])
        #expect(throws: InboxError.full(limit: 3)) { try inbox.accept([event("b")]) }
    }

    @Test("A closed inbox takes nothing")
    func closed() {
        let inbox = Inbox(limit: 2)
        inbox.close()
        #expect(throws: InboxError.closed) { try inbox.accept([event("a")]) }
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
