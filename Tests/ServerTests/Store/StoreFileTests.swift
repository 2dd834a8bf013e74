import Basics
import CloudEvents
import GRDB
import Glibc
import Logging
import TestSupport
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(3))) struct StoreFileTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private var path: String { "\(directory.path)/\(Store.fileName)" }
    private func file(_ logger: Logger = StoreFixture.quiet) -> StoreFile { StoreFile(directory: directory.path, logger: logger) }

    private func fill(_ count: Int, finished: Int = 0) async throws {
        let store = try file().open()
        let inbox = Inbox(store: store, limits: .init(count: 100_000, bytes: 1 << 30))
        for batch in 0..<count / 100 {
            _ = try await inbox.accept(
                (0..<100).map { StoreFixture.event("\(batch)-\($0)", data: .string(String(repeating: "x", count: 500))) }
            )
        }
        try await store.write {
            try $0.execute(sql: "UPDATE runs SET finished = 1, state = 'finished' WHERE sequence <= \(finished)")
        }
        await store.close()
    }

    @Test("Events are written where only the service can read them, and a good end leaves nothing to check")
    func modes() async throws {
        let store = try file().open()
        try await store.write { try $0.execute(sql: "DELETE FROM runs") }
        for suffix in ["", "-wal", "-shm"] {
            var status = stat()
            #expect(stat(path + suffix, &status) == 0 && status.st_mode & 0o777 == 0o600, "\(suffix)")
        }
        #expect(try await store.read { try Int.fetchOne($0, sql: "PRAGMA auto_vacuum") } == 2)
        #expect(try await store.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") } == "wal")
        await store.close()
        #expect(Files.size(path + "-wal") == 0)
    }

    @Test("A commit waits for the disk, unless it is told not to", arguments: StoreFile.Sync.allCases)
    func sync(sync: StoreFile.Sync) async throws {
        let store = try StoreFile(directory: directory.path, sync: sync, logger: StoreFixture.quiet).open()
        let mode = try await store.write { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
        #expect(mode == (sync == .full ? 2 : 0))
        await store.close()
    }

    @Test("A database of a newer version is refused with a sentence, and left as it is")
    func newer() async throws {
        try await fill(100)
        let queue = try DatabaseQueue(path: path)
        try await queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('99')") }
        try queue.close()
        let before = try Files.read(path)
        let error = #expect(throws: StoreError.self) { try file().open() }
        #expect(error?.kind == .newer)
        #expect(error?.description.contains("was written by a newer version") == true)
        #expect(try Files.read(path) == before)
    }

    @Test("What is no database is set aside, and the service begins anew", arguments: ["garbage", "a text that is no database"])
    func noDatabase(content: String) async throws {
        let bytes = content == "garbage" ? (0..<50_000).map { UInt8(truncatingIfNeeded: $0 &* 73 &+ 11) } : Array(content.utf8)
        try Files.write(bytes, to: path)
        let store = try file().open()
        #expect(try await store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM runs") } == 0)
        await store.close()
        let aside = try Files.list(directory.path).filter { $0.hasPrefix("damaged-") }
        #expect(aside.count == 1)
        #expect(try Files.read("\(directory.path)/\(aside.first ?? "")/\(Store.fileName)") == bytes)
    }

    @Test(
        "Of a database that is cut off, what still can be read is taken over: events that wait, and which are known",
        arguments: [0.5, 0.9, 0.99]
    )
    func truncated(rest: Double) async throws {
        try await fill(2_000, finished: 1_000)
        let size = Files.size(path)
        #expect(truncate(path, off_t(Double(size) * rest)) == 0)
        let store = try file().open()
        let (waiting, events) = try await store.read { database in
            (
                try Int.fetchOne(database, sql: "SELECT count(*) FROM runs WHERE finished IS NULL") ?? 0,
                try Int.fetchOne(
                    database,
                    sql: "SELECT count(*) FROM runs JOIN events ON events.run = sequence WHERE finished IS NULL"
                ) ?? 0
            )
        }
        print("cut to \(rest): \(waiting) of 1,000 waiting runs, \(events) with their events")
        if rest > 0.98 { #expect(waiting > 800) }
        #expect(try await store.read { try String.fetchAll($0, sql: "PRAGMA integrity_check") } == ["ok"])
        await store.close()
    }

    @Test("A damaged index keeps nothing from being taken over", arguments: ["runs_unfinished", "outbox_waiting"])
    func damagedIndex(name: String) async throws {
        try await fill(200)
        let queue = try DatabaseQueue(path: path)
        let (root, size) = try await queue.read { database in
            (
                try Int.fetchOne(database, sql: "SELECT rootpage FROM sqlite_master WHERE name = ?", arguments: [name]) ?? 0,
                try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0
            )
        }
        try queue.close()
        var bytes = try Files.read(path)
        for index in (root - 1) * size..<root * size { bytes[index] = 0xA5 }
        try Files.write(bytes, to: path)
        try Files.write([UInt8](repeating: 1, count: 100), to: path + "-wal")
        let store = try file().open()
        let whole = try await store.read { database in
            try Int.fetchOne(
                database,
                sql: "SELECT count(*) FROM runs JOIN events ON events.run = sequence WHERE finished IS NULL"
            )
        }
        #expect(whole == 200)
        await store.close()
    }

    @Test("An empty file beside a journal that is not is damage, and kept for somebody who knows how to read it")
    func emptyBesideJournal() async throws {
        try await fill(100)
        try Files.write([], to: path)
        try Files.write([UInt8](repeating: 7, count: 5_000), to: path + "-wal")
        let store = try file().open()
        await store.close()
        let aside = try Files.list(directory.path).first { $0.hasPrefix("damaged-") }
        #expect(try Files.read("\(directory.path)/\(aside ?? "")/\(Store.fileName)-wal").count == 5_000)
    }

    @Test("Damage inside is found after an end that was not good")
    func damagedInside() async throws {
        try await fill(2_000)
        var bytes = try Files.read(path)
        for index in stride(from: bytes.count / 2, to: bytes.count / 2 + 20_000, by: 1) { bytes[index] = 0xA5 }
        try Files.write(bytes, to: path)
        // A journal that was left: its own content does not matter, SQLite knows that it is none.
        try Files.write([UInt8](repeating: 1, count: 100), to: path + "-wal")
        let store = try file().open()
        let rescued = try await store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM runs") ?? 0 }
        #expect(rescued > 500)
        await store.close()
        #expect(try Files.list(directory.path).contains { $0.hasPrefix("damaged-") })
    }

    @Test("A copy made while it is in use is whole")
    func backup() async throws {
        try await fill(500)
        let store = try file().open()
        try await HistoryFile.open(in: directory.path).backUp(to: directory.path + "/copy.sqlite")
        await store.close()
        let copy = try DatabaseQueue(path: directory.path + "/copy.sqlite")
        #expect(try await copy.read { try String.fetchAll($0, sql: "PRAGMA integrity_check") } == ["ok"])
        #expect(try await copy.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM runs") } == 500)
    }

    @Test("A directory that is none says what to do")
    func inaccessible() {
        let error = #expect(throws: (any Error).self) {
            try StoreFile(directory: directory.path + "/nothing", logger: StoreFixture.quiet).open()
        }
        #expect("\(error.map { "\($0)" } ?? "")".contains("\(directory.path)/nothing"))
    }
}
