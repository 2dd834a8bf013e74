import CloudEvents
import GRDB
import Keptn
import Model
import TestSupport
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(3))) struct RerunTests {
    private let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    @Test("A re-run is a run of its own, with the event and a link to the first, and waits in line with the others")
    func rerun() async throws {
        let inbox = fixture.inbox()
        let first = try await inbox.accept([StoreFixture.event("a")])[0]
        let second = try await inbox.rerun(.init(run: first.run))
        let third = try await inbox.rerun(.init(run: second.run, isAnswered: true))
        _ = try await inbox.accept([StoreFixture.event("b")])
        #expect(second.id == "a" && second.run != first.run)
        #expect(inbox.depth == 4)
        inbox.close()
        var accepted: [AcceptedEvent] = []
        for await event in inbox.events { accepted.append(event) }
        #expect(accepted.map(\.event.id) == ["a", "a", "a", "b"] && accepted.map(\.sequence) == [1, 2, 3, 4])
        #expect(accepted.map(\.isSilent) == [false, true, false, false])
        #expect(accepted.map(\.isRerun) == [false, true, true, false])
        #expect(accepted[1].event.raw == accepted[0].event.raw && accepted[1].run == second.run)
        let run = try await fixture.store.read { try HistoryTable.run(third.run, in: $0) }
        #expect(run?.rerunOf == second.run && run?.state == .received)
    }

    @Test("The sender's event stays known as the first run")
    func known() async throws {
        let inbox = fixture.inbox()
        let first = try await inbox.accept([StoreFixture.event("a")])[0]
        _ = try await inbox.rerun(.init(run: first.run))
        #expect(try await inbox.accept([StoreFixture.event("a")]) == [Receipt(id: "a", run: first.run, isNew: false)])
    }

    @Test("The same commit is pinned where the first run had one, else that is refused")
    func sameCommit() async throws {
        let ids = try await fixture.add([
            .init(result: .fail, commits: RunCommits(stage: "da15", project: "c0de")),
            .init(result: .fail, commits: RunCommits(project: "c0de")), .init(),
        ])
        let inbox = fixture.inbox()
        _ = try await inbox.rerun(.init(run: ids[0], pinsCommit: true))
        _ = try await inbox.rerun(.init(run: ids[0]))
        for id in ids.dropFirst() {
            await #expect(throws: RerunError.noCommit) { try await inbox.rerun(.init(run: id, pinsCommit: true)) }
        }
        #expect(inbox.depth == 2)
        inbox.close()
        var pinned: [String?] = []
        for await event in inbox.events { pinned.append(event.pinnedCommit) }
        #expect(pinned == ["da15", nil])
    }

    @Test("What is not there is not run, a full queue takes no re-run, and neither leaves anything behind")
    func refused() async throws {
        let inbox = fixture.inbox(count: 2)
        let first = try await inbox.accept([StoreFixture.event("a")])[0]
        await #expect(throws: RerunError.unknown) { try await inbox.rerun(.init(run: "other")) }
        _ = try await inbox.rerun(.init(run: first.run))
        await #expect(throws: RerunError.inbox(.full(limit: 2))) { try await inbox.rerun(.init(run: first.run)) }
        #expect(inbox.depth == 2)
        try await fixture.store.write { try $0.execute(sql: "UPDATE events SET raw = X'00'") }
        await #expect(throws: RerunError.unreadable) { try await inbox.rerun(.init(run: first.run)) }
        #expect(try await fixture.store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM runs") } == 2)
        inbox.close()
        await #expect(throws: RerunError.inbox(.closed)) { try await inbox.rerun(.init(run: first.run)) }
    }

    @Test("A re-run that waits is the same re-run after a restart")
    func restart() async throws {
        let first = try await fixture.add([.init(result: .fail, commits: RunCommits(stage: "da15"))])[0]
        let receipt = try await fixture.inbox().rerun(.init(run: first, pinsCommit: true))
        let recovery = Recovery(
            store: fixture.store,
            interpreter: EventInterpreter(),
            answers: Answers(),
            logger: StoreFixture.quiet
        )
        let inbox = fixture.inbox()
        try await recovery.run(into: inbox)
        inbox.close()
        var accepted: [AcceptedEvent] = []
        for await event in inbox.events { accepted.append(event) }
        #expect(accepted.map(\.run) == [receipt.run] && accepted[0].isRerun && accepted[0].isSilent)
        #expect(accepted[0].pinnedCommit == "da15")
    }
}
