import Basics
import GRDB
import Logging
import Synchronization

/// Changes to the database, made in the order in which they come, as many in one transaction as wait: they share one flush to disk.
final class CommitQueue: Sendable {
    /// One change. What its body says is true once `committed` is called, on the queue's thread, in the order of the changes.
    struct Change: Sendable {
        /// How many events their sender waits for; 0 for what nobody outside waits for.
        var events = 0
        let body: @Sendable (Database) throws -> Void
        let committed: @Sendable () -> Void
        let failed: @Sendable (StoreError) -> Void
    }

    private struct State {
        var waiting: [Change] = []
        var isWorking = false
        var isClosed = false
        var failure: StoreError?
    }

    /// More than that keep a reader of the database waiting too long for the result of the first.
    private static let limit = 512

    private let database: DatabasePool
    private let metrics: ServiceMetrics
    private let logger: Logger
    /// SQLite has one writer, and it waits for the disk.
    private let thread = ThreadPool(name: "store-writer", width: 1)
    private let state = Mutex(State())
    /// Commits so far.
    let commits = Atomic(0)
    private let file: FileIdentity?

    init(_ database: DatabasePool, metrics: ServiceMetrics, logger: Logger) {
        self.database = database
        self.metrics = metrics
        self.logger = logger
        file = FileIdentity(of: database.path)
    }

    /// Why the last commit failed; nil if it did not.
    var failure: StoreError? { state.withLock { $0.failure } }

    func append(_ change: Change) {
        let (isClosed, mustWork) = state.withLock { state in
            guard !state.isClosed else { return (true, false) }
            state.waiting.append(change)
            defer { state.isWorking = true }
            return (false, !state.isWorking)
        }
        if isClosed { return change.failed(.closed) }
        if mustWork { thread.submit({ self.work() }, orFail: { self.failAll($0) }) }
    }

    /// Changes nothing more, once what waits is done.
    func close() async {
        await withCheckedContinuation { continuation in
            append(Change(body: { _ in }, committed: { continuation.resume() }, failed: { _ in continuation.resume() }))
            state.withLock { $0.isClosed = true }
        }
    }

    private func work() {
        while true {
            let changes = state.withLock { state -> [Change] in
                defer { state.waiting.removeFirst(min(Self.limit, state.waiting.count)) }
                state.isWorking = !state.waiting.isEmpty
                return Array(state.waiting.prefix(Self.limit))
            }
            guard !changes.isEmpty else { return }
            commit(changes)
        }
    }

    private func commit(_ changes: [Change], isSecondTry: Bool = false) {
        do {
            // SQLite would go on writing into a file that nobody will ever find again.
            guard FileIdentity(of: database.path) == file else { throw StoreError.removed(database.path) }
            try database.writeWithoutTransaction { database in
                try database.inTransaction(.immediate) {
                    for change in changes { try change.body(database) }
                    return .commit
                }
            }
            count(changes)
            for change in changes { change.committed() }
        } catch {
            let error = StoreError(error, path: database.path)
            if error.kind == .full, !isSecondTry, shrinkJournal() { return commit(changes, isSecondTry: true) }
            failed(error)
            // One that cannot be made must not take the others with it; a disk that is full does.
            guard error.kind == .other, changes.count > 1 else {
                for change in changes { change.failed(error) }
                return
            }
            for change in changes { commit([change]) }
        }
    }

    /// The journal holds many versions of a page, the file needs but the last.
    ///
    /// - Returns: whether there is more room for it.
    private func shrinkJournal() -> Bool {
        let journal = database.path + "-wal"
        let before = Files.size(journal)
        _ = try? database.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        return Files.size(journal) < before
    }

    /// Says so once, not for each change that waits.
    private func failed(_ error: StoreError) {
        let last = state.withLock { state in
            defer { state.failure = error }
            return state.failure
        }
        if last?.kind != error.kind {
            logger.error("nothing can be kept, and nothing accepted", metadata: ["reason": "\(error)"])
        }
    }

    private func count(_ changes: [Change]) {
        commits.add(1, ordering: .relaxed)
        // Who came meanwhile would have had to wait for a flush of their own.
        let (late, last) = state.withLock { state in
            defer { state.failure = nil }
            return (state.waiting.count { $0.events > 0 }, state.failure)
        }
        if last != nil { logger.notice("the database can be written again") }
        let senders = changes.count { $0.events > 0 }
        metrics.recordCommit(events: changes.reduce(0) { $0 + $1.events }, senders: senders, late: late)
    }

    private func failAll(_ error: any Error) {
        let changes = state.withLock { state in
            state.isWorking = false
            defer { state.waiting = [] }
            return state.waiting
        }
        for change in changes { change.failed(StoreError(error, path: database.path)) }
    }
}
