import Basics
import Processes
import Synchronization

/// What one file of a run prints, kept in constant memory: a small output in memory alone, a long one on disk, its beginning and its
/// end.
final class StepOutput: Sendable {
    /// An output up to this size costs no file.
    static let memoryLimit = 64 << 10
    /// More than this is never waiting to be written: then the program waits.
    private static let backlogLimit = 256 << 10

    private struct State {
        /// All of a small output; else what is left when the disk fails.
        var memory: HeadTailBuffer
        /// Those that are not on disk.
        var records: [OutputRecord] = []
        var backlog = 0
        var isWriting = false
        var files: SpillFiles?
        var failure: FileError?
        /// Called when there is nothing left to write.
        var onIdle: [@Sendable () -> Void] = []
    }

    private let file: String
    private let limit: Int
    private let pool: ThreadPool
    private let directory: @Sendable () throws(FileError) -> String
    /// Closed while the disk is behind.
    let valve = OutputValve()
    private let state: Mutex<State>

    /// - Parameters:
    ///   - limit: bytes of text to keep.
    ///   - directory: makes a directory for the files of this step, when there is need of it. Blocks.
    init(file: String, limit: Int, pool: ThreadPool, directory: @escaping @Sendable () throws(FileError) -> String) {
        self.file = file
        self.limit = limit
        self.pool = pool
        self.directory = directory
        state = Mutex(State(memory: HeadTailBuffer(limit: min(limit, Self.memoryLimit))))
    }

    /// Takes a piece; never waits.
    func append(_ record: OutputRecord) {
        let mustWrite = state.withLock { state in
            if record.chunk.source != .service { state.memory.append(record.chunk.text.utf8) }
            guard state.failure == nil else { return false }
            state.records.append(record)
            state.backlog += record.chunk.text.utf8.count
            let isLong = state.memory.count > Self.memoryLimit
            if isLong, state.backlog > Self.backlogLimit { valve.close() }
            defer { if isLong { state.isWriting = true } }
            return isLong && !state.isWriting
        }
        if mustWrite { pool.submit({ self.write() }, orFail: { _ in self.write() }) }
    }

    /// Whether the writer has more before it than it may.
    var isBehind: Bool { valve.isClosed }

    /// On a thread of the pool, until nothing is left to write.
    private func write() {
        while let (records, files) = next() {
            do throws(FileError) {
                let files = if let files { files } else { SpillFiles(directory: try directory(), limit: limit) }
                state.withLock { $0.files = files }
                try files.append(records)
            } catch {
                state.withLock { state in
                    state.failure = error
                    state.records = []
                }
            }
            valve.open()
        }
        valve.open()
    }

    private func next() -> (records: [OutputRecord], files: SpillFiles?)? {
        let (next, onIdle) = state.withLock { state -> (([OutputRecord], SpillFiles?)?, [@Sendable () -> Void]) in
            guard !state.records.isEmpty else {
                state.isWriting = false
                defer { state.onIdle = [] }
                return (nil, state.onIdle)
            }
            defer {
                state.records = []
                state.backlog = 0
            }
            return ((state.records, state.files), [])
        }
        for call in onIdle { call() }
        return next
    }

    /// Waits until all is written that was appended before.
    private func flush() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                if state.isWriting { state.onIdle.append { continuation.resume() } }
                return !state.isWriting
            }
            if isIdle { continuation.resume() }
        }
    }

    /// What was kept of what the file itself printed, as text, with a line that says how many bytes were left out, if any were.
    func text() async -> String {
        guard state.withLock({ $0.isWriting || $0.files != nil || $0.failure != nil }) else {
            return state.withLock { $0.memory.text }
        }
        await flush()
        let (files, count, failure) = state.withLock { ($0.files, $0.memory.count, $0.failure) }
        guard let files, failure == nil else {
            let note = failure.map { "\n[... most of the output could not be kept: \($0) ...]\n" } ?? ""
            return state.withLock { $0.memory.text } + note
        }
        let (head, tail) = await uncancelled { [pool, file] in (try? await pool.run { files.read(file: file) }) ?? ([], []) }
        return OutputText.joined(head: head, tail: tail, count: count, limit: limit)
    }

    /// What was kept, piece by piece.
    func records() async -> [OutputRecord] {
        await flush()
        let (files, records) = state.withLock { ($0.files, $0.records) }
        guard let files else { return records }
        let (head, tail) = await uncancelled { [pool, file] in (try? await pool.run { files.read(file: file) }) ?? ([], []) }
        return head + tail + state.withLock { $0.records }
    }
}
