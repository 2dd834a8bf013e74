import Basics
import CloudEvents
import GRDB
import TestSupport
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(3))) struct RetentionTests {
    private let fixture: StoreFixture
    private let clock = TestClock()
    private let outputs: RunOutputs

    init() throws {
        fixture = try StoreFixture()
        outputs = RunOutputs(directory: fixture.directory.path + "/outputs")
    }

    private func retention(_ limits: HistoryLimits) -> Retention {
        Retention(
            store: fixture.store,
            outputs: outputs,
            limits: limits,
            clock: WallClock(clock),
            pause: .zero,
            logger: StoreFixture.quiet
        )
    }

    /// Puts runs into the database that are over, each a minute after the other, all but those in `open`.
    private func fill(_ count: Int, open: Set<Int> = [], undelivered: Set<Int> = [], size: Int = 10) async throws {
        let start = clock.now.seconds * 1_000
        try await fixture.store.write { database in
            for number in 0..<count {
                let event = StoreFixture.event("\(number)", data: .string(String(repeating: "x", count: size)))
                let received = start + Int64(number) * 60_000
                let run = RunTable.NewRun(id: "\(number)", event: event, received: received)
                let sequence = try RunTable.insert(run, in: database)
                try database.execute(
                    sql: "INSERT INTO seen (source, id, run, time) VALUES (?, ?, ?, ?)",
                    arguments: [event.source, event.id, run.id, received]
                )
                let outgoing = OutgoingEvent(event: StoreFixture.event("out \(number)"), origin: .answer)
                try OutboxTable.insert(outgoing, of: sequence, now: received, in: database)
                if !undelivered.contains(number) {
                    try database.execute(
                        sql: "UPDATE outbox SET state = 'delivered', due = NULL WHERE run = ?",
                        arguments: [sequence]
                    )
                }
                if open.contains(number) { continue }
                try database.execute(
                    sql: "UPDATE runs SET finished = received, state = 'finished' WHERE sequence = ?",
                    arguments: [sequence]
                )
            }
        }
    }

    private func kept() async throws -> [String] {
        try await fixture.store.read { try String.fetchAll($0, sql: "SELECT id FROM runs ORDER BY sequence") }
    }

    @Test("What is too old goes, with all that belongs to it; what is not over or not delivered stays")
    func age() async throws {
        try await fill(120, open: [3], undelivered: [5])
        _ = clock.advance(100 * 60 + 3_600)
        let limits = HistoryLimits(age: .seconds(3_600), runs: 1_000, bytes: 1 << 30)
        #expect(try await retention(limits).removeAll(outputsBefore: 0) == 98)
        #expect(try await kept() == ["3", "5"] + (100..<120).map { "\($0)" })
        let rests = try await fixture.store.read { database in
            try ["events", "outbox"].map { try Int.fetchOne(database, sql: "SELECT count(*) FROM \($0)") }
        }
        #expect(rests == [22, 22])
    }

    @Test("Of too many the oldest go")
    func runs() async throws {
        try await fill(120)
        let limits = HistoryLimits(age: .seconds(1 << 30), runs: 7, bytes: 1 << 30)
        #expect(try await retention(limits).removeAll(outputsBefore: 0) == 113)
        #expect(try await kept() == (113..<120).map { "\($0)" })
    }

    @Test("What takes too much room goes until there is enough, outputs too, and the file gets smaller")
    func bytes() async throws {
        try await fill(400, size: 10_000)
        let path = fixture.store.path
        try await fixture.store.write { _ in }
        let before = try await fixture.store.read { try RetentionTable.databaseBytes(in: $0) }
        #expect(before > 4 << 20)
        let limits = HistoryLimits(age: .seconds(1 << 30), runs: 1_000, bytes: 2 << 20)
        let removed = try await retention(limits).removeAll(outputsBefore: 0)
        #expect(removed > 200 && removed < 400)
        #expect(try await fixture.store.read { try RetentionTable.databaseBytes(in: $0) } <= 2 << 20)
        await fixture.store.close()
        #expect(Files.size(path) < 3 << 20)
    }

    @Test("Events are known longer than their runs are kept")
    func memory() async throws {
        try await fill(3)
        let limits = HistoryLimits(age: .seconds(3_600), runs: 1_000, bytes: 1 << 30)
        _ = clock.advance(89 * 86_400)
        #expect(try await retention(limits).removeAll(outputsBefore: 0) == 3)
        let receipt = try await fixture.inbox().accept([StoreFixture.event("1")])
        #expect(receipt == [Receipt(id: "1", run: "1", isNew: false)])
        _ = clock.advance(2 * 86_400)
        _ = try await retention(limits).removeAll(outputsBefore: 0)
        #expect(try await fixture.inbox().accept([StoreFixture.event("1")])[0].isNew)
    }

    @Test("The output of a run that is removed goes with it")
    func outputFiles() async throws {
        try await fill(1)
        let directory = fixture.directory.path + "/outputs/0"
        try Files.createDirectory(directory)
        try Files.write("x".utf8, to: directory + "/0")
        _ = clock.advance(7_200)
        let limits = HistoryLimits(age: .seconds(3_600), runs: 1_000, bytes: 1 << 30)
        #expect(try await retention(limits).removeAll(outputsBefore: 1) == 1)
        #expect(!Files.exists(directory))
    }
}
