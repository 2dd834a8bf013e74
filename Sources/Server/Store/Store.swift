import Basics
import GRDB
import Logging
import Synchronization

/// What outlives the process: events, runs, steps and answers, in one SQLite database.
///
/// Every change is on disk before anybody is told of it; see ``CommitQueue``. Readers see the last commit and wait for no writer.
final class Store: Sendable {
    /// The database's file in `DATA_DIRECTORY`.
    static let fileName = "store.sqlite"

    let path: String
    private let database: DatabasePool
    private let queue: CommitQueue
    /// Says when the database turns out to be damaged, which nothing can go on with.
    let damages: AsyncStream<StoreError>
    private let damage: AsyncStream<StoreError>.Continuation
    private let readers = ThreadPool(name: "store-readers", width: 2)
    /// Answers do not wait for somebody who searches the history.
    private let outboxReader = ThreadPool(name: "outbox-reader", width: 1)

    /// Takes a database that ``StoreFile`` has opened.
    init(_ database: DatabasePool, metrics: ServiceMetrics, logger: Logger) {
        self.database = database
        path = database.path
        queue = CommitQueue(database, metrics: metrics, logger: logger)
        (damages, damage) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
    }

    /// How many transactions were committed, each with a flush to disk.
    var commits: Int { queue.commits.load(ordering: .relaxed) }

    /// Makes a change; it is on disk when this returns. It is made even if the caller is cancelled.
    ///
    /// - Parameter body: throws only what the database throws: others share its transaction.
    func write<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            write(body) { continuation.resume(with: $0.mapError { $0 as any Error }) }
        }
    }

    /// Makes a change and tells of it, on the writer's thread, before it tells of any that came later.
    ///
    /// - Parameter events: how many events their sender waits for; they are counted.
    func write<T: Sendable>(
        events: Int = 0,
        _ body: @escaping @Sendable (Database) throws -> T,
        then: @escaping @Sendable (Result<T, StoreError>) -> Void
    ) {
        let result = Mutex<T?>(nil)
        queue.append(
            CommitQueue.Change(
                events: events,
                body: { database in
                    let value = try body(database)
                    result.withLock { $0 = value }
                },
                committed: { if let value = result.withLock({ $0 }) { then(.success(value)) } },
                failed: { [damage] in
                    if $0.kind == .damaged { damage.yield($0) }
                    then(.failure($0))
                }
            )
        )
    }

    /// Makes a change as soon as the disk lets it. Cancelling the caller does not end the wait: a run that somebody cancels must be
    /// kept, too.
    ///
    /// - Parameter isEnding: asked now and then: then nothing is waited for any more.
    /// - Throws: ``StoreError`` for what will not pass, `CancellationError` at the end.
    func writeWhenPossible(
        logger: Logger,
        isEnding: @Sendable () -> Bool,
        _ body: @escaping @Sendable (Database) throws -> Void
    ) async throws {
        let backoff = Backoff(first: .milliseconds(100), cap: .seconds(2))
        var attempt = 1
        while true {
            do {
                return try await write(body)
            } catch let error as StoreError where error.mayPass {
                logger.log(level: attempt == 1 ? .error : .debug, "work waits for the database", metadata: ["reason": "\(error)"])
                if isEnding() { throw CancellationError() }
                let delay = backoff.delay(after: attempt)
                try? await Task { try await Task.sleep(for: delay) }.value
                attempt += 1
            }
        }
    }

    /// How many read at once.
    static let readerCount = 3

    /// Who reads; one kind does not wait for the other.
    enum Reader: Sendable {
        case history
        case outbox
    }

    /// Reads what the last commit has left. Cancelling the caller takes a read back that has not begun.
    func read<T: Sendable>(as reader: Reader = .history, _ body: @escaping @Sendable (Database) throws -> T) async throws -> T {
        let database = database
        do {
            return try await (reader == .outbox ? outboxReader : readers).run { try database.read(body) }
        } catch let error as DatabaseError {
            let error = StoreError(error, path: path)
            if error.kind == .damaged { damage.yield(error) }
            throw error
        }
    }

    /// Why the last change could not be made; nil if it was.
    var lastFailure: StoreError? { queue.failure }

    /// Who asks for health waits a few seconds at most; a process that holds the database may take longer.
    private static let probeLimit = Duration.seconds(1)

    /// Why changes cannot be made now; nil if they can. Tries it if the last one failed, for a second.
    func failure() async -> StoreError? {
        guard let last = queue.failure else { return nil }
        do {
            try await withLimit(.after(Self.probeLimit)) {
                try await self.write {
                    try $0.execute(sql: "REPLACE INTO probe (id, time) VALUES (1, ?)", arguments: [WallClock.system.now()])
                }
            }
        } catch let error as StoreError {
            return error
        } catch {
            return last
        }
        return nil
    }

    /// Makes no more changes, and merges what is beside the file into it: the next start finds that this one ended well.
    func close() async {
        await queue.close()
        let database = database
        // A process that reads the history keeps it from this; then the next start checks a file that needs no check.
        _ = try? await readers.run {
            _ = try database.writeWithoutTransaction { try $0.checkpoint(.truncate) }
            try database.close()
        }
    }
}
