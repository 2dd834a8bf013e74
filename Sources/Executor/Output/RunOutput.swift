public import Basics
import Synchronization

/// All that the files of a run print, in order of arrival, secrets masked: kept within a limit, and shown live to who follows it.
///
/// Whoever makes one owns what it has on disk, and calls ``remove()`` when nobody needs it any more.
public final class RunOutput: Sendable {
    private struct State {
        var steps: [StepOutput] = []
        var nextNumber = 0
        var followers: [Int: OutputFollower.Queue] = [:]
        var nextFollower = 0
        var isOver = false
        var directory: String?
    }

    private let limit: Int
    private let prefix: String
    private let pool: ThreadPool
    private let state = Mutex(State())

    /// - Parameters:
    ///   - directory: the beginning of a path; files of long outputs come into a directory of that name and more.
    ///   - limit: bytes to keep of each file's output.
    public init(directory: String, limit: Int, pool: ThreadPool) {
        prefix = directory
        self.limit = limit
        self.pool = pool
    }

    /// The output so far, then what comes, to the end of the run. Many may follow; one that falls behind is told so and left behind,
    /// and none of them slows the run down.
    public func follow() -> OutputFollower {
        let (queue, id, steps) = state.withLock { state in
            let queue = OutputFollower.Queue(firstNumber: state.nextNumber)
            defer { state.nextFollower += 1 }
            for step in state.steps { step.seal() }
            if state.isOver { queue.finish() } else { state.followers[state.nextFollower] = queue }
            return (queue, state.nextFollower, state.steps)
        }
        queue.onEnd { [weak self] in self?.state.withLock { _ = $0.followers.removeValue(forKey: id) } }
        return OutputFollower(queue: queue) {
            var records: [OutputRecord] = []
            for step in steps { records += await step.records() }
            return records
        }
    }

    /// Everything that was kept.
    public func records() async -> [OutputRecord] {
        var records: [OutputRecord] = []
        for step in state.withLock({ $0.steps }) { records += await step.records() }
        return records
    }

    /// Removes what is on disk. Blocks for a moment.
    public func remove() {
        if let directory = state.withLock({ $0.directory.take() }) { Files.removeTree(directory) }
    }

    /// The same, later, on a thread of its own pool.
    public func discard() {
        if state.withLock({ $0.directory != nil }) { pool.submit({ self.remove() }, orFail: { _ in }) }
    }

    // MARK: For the steps

    func begin(_ file: String) -> StepOutput {
        state.withLock { state in
            let number = state.steps.count
            let step = StepOutput(file: file, limit: limit, pool: pool) { [weak self] () throws(FileError) -> String in
                guard let self else { return "" }
                return try makeDirectory(number)
            }
            state.steps.append(step)
            return step
        }
    }

    /// Takes a piece of the output of `step`; never waits.
    func append(_ chunk: OutputChunk, of file: String, to step: StepOutput) {
        let (record, followers) = state.withLock { state in
            defer { state.nextNumber += 1 }
            let record = OutputRecord(number: state.nextNumber, file: file, chunk: chunk)
            // Under the lock, so that a follower finds it either here or among what was kept.
            step.append(record, isShown: !state.followers.isEmpty)
            return (record, Array(state.followers.values))
        }
        for follower in followers { follower.append(record) }
    }

    /// The run is over: followers come to their end.
    func finish() {
        let followers = state.withLock { state in
            state.isOver = true
            defer { state.followers = [:] }
            return Array(state.followers.values)
        }
        for follower in followers { follower.finish() }
    }

    private func makeDirectory(_ step: Int) throws(FileError) -> String {
        let known = state.withLock { $0.directory }
        let directory = if let known { known } else { try Files.createUniqueDirectory(prefix) }
        state.withLock { $0.directory = directory }
        let path = "\(directory)/\(step)"
        try Files.createDirectory(path)
        return path
    }
}
