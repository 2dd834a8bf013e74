import Basics
import CloudEvents
import Curl
import GRDB
import Glibc
import Model
import Synchronization
import TestSupport
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(3))) struct FullDiskTests {
    private let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    /// SQLite's own limit gives the same error as a disk.
    private func limit(pages: Int?) async throws {
        try await fixture.store.write { database in
            let limit = if let pages { pages } else { 1 << 30 }
            try database.execute(sql: "PRAGMA max_page_count = \(limit)")
        }
    }

    private func event(_ id: String) -> CloudEvent {
        StoreFixture.event(id, data: .string(String(repeating: "x", count: 20_000)))
    }

    @Test("On a full disk nothing is accepted and nothing is lost, and the service goes on by itself when there is room")
    func full() async throws {
        let inbox = fixture.inbox(count: 100, bytes: 1 << 30)
        let first = try await inbox.accept([event("first")])[0]
        try await limit(pages: 1)
        let error = await #expect(throws: InboxError.self) { try await inbox.accept([event("second")]) }
        guard case .store(let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.kind == .full && reason.description.contains("the disk is full"))
        #expect(inbox.depth == 1)
        // A run that is over waits for room to say so.
        let outbox = Outbox(
            store: fixture.store,
            delivery: Delivery(target: .none, client: .init(), timeout: .seconds(10)),
            flushTimeout: .seconds(1),
            metrics: ServiceMetrics(),
            logger: StoreFixture.quiet
        )
        let journal = StoredJournal(
            store: fixture.store,
            outbox: outbox,
            clock: .system,
            ending: Ending(),
            logger: StoreFixture.quiet
        )
        var events = inbox.events.makeAsyncIterator()
        let accepted = try #require(await events.next())
        var change = RunChange(progress: RunProgress(state: .finished, isStarted: true))
        change.ending = .init(result: .pass, message: String(repeating: "y", count: 50_000))
        change.add(event("answer"))
        let isKept = Mutex(false)
        let keeping = Task { [change] in
            try await journal.keep(change, of: accepted)
            isKept.withLock { $0 = true }
        }
        while fixture.store.lastFailure == nil { try await Task.sleep(for: .milliseconds(5)) }
        #expect(!isKept.withLock { $0 })
        try await limit(pages: nil)
        try await keeping.value
        let state = try await fixture.store.read {
            try String.fetchOne($0, sql: "SELECT state FROM runs WHERE id = ?", arguments: [first.run])
        }
        #expect(state == "finished")
        #expect(await fixture.store.failure() == nil)
        #expect(try await inbox.accept([event("second")])[0].isNew)
    }

    @Test(
        "A run that is cancelled while there is no room is kept once there is; only the end of the service ends the wait",
        arguments: [false, true]
    )
    func cancelled(isEnding: Bool) async throws {
        try await limit(pages: 1)
        let ending = Ending()
        let task = Task {
            try await fixture.store.writeWhenPossible(logger: StoreFixture.quiet, isEnding: { ending.hasBegun }) { database in
                try database.execute(sql: "INSERT INTO events (run, raw) VALUES (1, zeroblob(100000))")
            }
        }
        while fixture.store.lastFailure == nil { try await Task.sleep(for: .milliseconds(5)) }
        task.cancel()
        if isEnding {
            ending.begin()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
        try await limit(pages: nil)
        if !isEnding { try await task.value }
        let count = try await fixture.store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM events") }
        #expect(count == (isEnding ? 0 : 1))
    }

    @Test("A database that somebody removes while it is in use is no place to accept anything")
    func removed() async throws {
        let inbox = fixture.inbox()
        let path = fixture.store.path
        try #require(rename(path, path + ".away") == 0)
        let error = await #expect(throws: InboxError.self) { try await inbox.accept([event("a")]) }
        #expect("\(error.map { "\($0)" } ?? "")".contains("removed or replaced"))
        #expect(await fixture.store.failure()?.kind == .inaccessible)
        try #require(rename(path + ".away", path) == 0)
        #expect(try await inbox.accept([event("a")])[0].isNew)
    }

    @Test("A process that holds the database is waited for, not a reason to lose anything", .timeLimit(.minutes(1)))
    func held() async throws {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: fixture.store.path, configuration: configuration)
        try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        let inbox = fixture.inbox()
        var start = ContinuousClock.now
        let error = await #expect(throws: InboxError.self) { try await inbox.accept([event("a")]) }
        #expect("\(error.map { "\($0)" } ?? "")".contains("another process holds it"))
        let waited = ContinuousClock.now - start
        // Who asks for health waits for less than that.
        start = .now
        #expect(await fixture.store.failure()?.kind == .inaccessible)
        #expect((.now - start) * 2 < waited)
        try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        #expect(try await inbox.accept([event("a")])[0].isNew)
    }
}
