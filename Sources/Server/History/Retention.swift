import Basics
import Logging
import ServiceLifecycle
import Synchronization

/// Removes what exceeds the limits of the history, the oldest first: in the background, a few runs at a time, so that no event waits
/// for it.
struct Retention: Service {
    let store: Store
    let outputs: RunOutputs
    let limits: HistoryLimits
    var clock = WallClock.system
    /// Between two looks.
    var interval = Duration.seconds(60)
    /// Between two steps: others have work for the writer.
    var pause = Duration.milliseconds(20)
    let logger: Logger

    /// Runs, or a few pages for each, in one transaction.
    private static let step = 50

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var earlier: Int?
            while !Task.isCancelled {
                do {
                    if earlier == nil { earlier = try await store.read { try RetentionTable.outputBytes(in: $0) } }
                    let removed = try await removeAll(outputsBefore: earlier ?? 0)
                    if removed > 0 { logger.info("old runs were removed", metadata: ["runs": "\(removed)"]) }
                } catch {
                    if !Task.isCancelled { logger.warning("old runs cannot be removed", metadata: ["reason": "\(error)"]) }
                }
                try? await Task.sleep(for: interval)
            }
        }
    }

    /// Removes all that exceeds the limits.
    ///
    /// - Parameter bytes: of the outputs that were there at the start.
    /// - Returns: how many runs were removed.
    func removeAll(outputsBefore bytes: Int) async throws -> Int {
        var count = 0
        while let runs = try await excess(outputBytes: bytes), !runs.isEmpty {
            // Files first: one that nobody knows of would stay for ever.
            await outputs.remove(runs.map(\.id), bytes: runs.reduce(0) { $0 + $1.bytes })
            try await store.write { try RetentionTable.remove(runs, in: $0) }
            count += runs.count
            try await Task.sleep(for: pause)
        }
        let horizon = clock.now() - Int64(limits.memoryOfEvents.seconds * 1_000)
        while try await store.write({ try RetentionTable.forget(before: horizon, limit: Self.step, in: $0) }) == Self.step {
            try await Task.sleep(for: pause)
        }
        while try await store.write({ try RetentionTable.shrink(pages: Self.step * 4, in: $0) }) {
            try await Task.sleep(for: pause)
        }
        return count
    }

    /// The next runs to go; nil or empty if all limits are kept.
    private func excess(outputBytes: Int) async throws -> [RetentionTable.Removed]? {
        let horizon = clock.now() - Int64(limits.age.seconds * 1_000)
        let outputBytes = outputBytes + outputs.bytes.load(ordering: .relaxed)
        return try await store.read { [limits] database in
            let old = try RetentionTable.oldest(Self.step, endedBefore: horizon, in: database)
            if !old.isEmpty { return old }
            let excess = try RetentionTable.count(in: database) - limits.runs
            if excess > 0 { return try RetentionTable.oldest(min(excess, Self.step), in: database) }
            guard try RetentionTable.databaseBytes(in: database) + outputBytes > limits.bytes else { return nil }
            return try RetentionTable.oldest(Self.step, in: database)
        }
    }
}
