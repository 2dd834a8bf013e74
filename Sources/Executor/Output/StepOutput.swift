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
    /// Less than this waits for more, unless somebody asks for it: small pieces are joined meanwhile.
    private static let batch = 16 << 10
    /// Pieces are joined up to this size,
    private static let joinedLimit = 4 << 10
    /// and only those that came within so many milliseconds.
    private static let joinedTime: Int64 = 100

    private struct State {
        /// All of a small output; else what is left when the disk fails.
        var memory: HeadTailBuffer
        /// Those that are not on disk.
        var records: [OutputRecord] = []
        /// What they cost.
        var backlog = 0
        /// What all have cost so far.
        var total = 0
        /// The last of `records` was seen by somebody as it is.
        var isSealed = false
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
    ///
    /// - Parameter isShown: somebody sees it as it comes, and may count on its number.
    func append(_ record: OutputRecord, isShown: Bool) {
        let mustWrite = state.withLock { state in
            if record.chunk.source != .service { state.memory.append(record.chunk.text.utf8) }
            guard state.failure == nil else { return false }
            Self.keep(record, isShown: isShown, in: &state)
            guard state.total > Self.memoryLimit else { return false }
            if state.backlog > Self.backlogLimit { valve.close() }
            guard state.backlog >= Self.batch, !state.isWriting else { return false }
            state.isWriting = true
            return true
        }
        if mustWrite { submitWriting() }
    }

    private static func keep(_ record: OutputRecord, isShown: Bool, in state: inout State) {
        var cost = record.cost
        let last = state.records.count - 1
        if last >= 0, !isShown, !state.isSealed, mayJoin(record, to: state.records[last]) {
            cost = -state.records[last].cost
            state.records[last].chunk.text += record.chunk.text
            cost += state.records[last].cost
        } else {
            state.records.append(record)
            state.isSealed = isShown
        }
        state.backlog += cost
        state.total += cost
    }

    private static func mayJoin(_ record: OutputRecord, to last: OutputRecord) -> Bool {
        last.chunk.source == record.chunk.source
            && last.chunk.text.utf8.count + record.chunk.text.utf8.count <= joinedLimit
            && (0...joinedTime).contains(record.chunk.time - last.chunk.time)
    }

    /// What comes from now on is not joined to what is there: somebody counts on their numbers.
    func seal() { state.withLock { $0.isSealed = true } }

    /// Whether the writer has more before it than it may.
    var isBehind: Bool { valve.isClosed }

    private func submitWriting() { pool.submit({ self.write() }, orFail: { _ in self.write() }) }

    /// On a thread of the pool: writes what is there. What came meanwhile has its turn after all others that wait for a thread: who
    /// floods must not keep them from theirs.
    private func write() {
        let (records, files) = state.withLock { state in
            defer {
                state.records = []
                state.backlog = 0
            }
            return (state.records, state.files)
        }
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
        let (isMore, onIdle) = state.withLock { state -> (Bool, [@Sendable () -> Void]) in
            if state.backlog >= Self.batch || !(state.records.isEmpty || state.onIdle.isEmpty) { return (true, []) }
            state.isWriting = false
            defer { state.onIdle = [] }
            return (false, state.onIdle)
        }
        for call in onIdle { call() }
        if isMore { submitWriting() }
    }

    /// Waits until all is written that was appended before, if there is a file.
    private func flush() async {
        await withCheckedContinuation { continuation in
            let (isIdle, mustWrite) = state.withLock { state in
                let mustWrite = !state.isWriting && state.files != nil && !state.records.isEmpty
                if mustWrite { state.isWriting = true }
                if state.isWriting { state.onIdle.append { continuation.resume() } }
                return (!state.isWriting, mustWrite)
            }
            if isIdle { continuation.resume() }
            if mustWrite { submitWriting() }
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

    /// What was kept, piece by piece, with a note in the place of what was left out.
    func records() async -> [OutputRecord] {
        await flush()
        let (files, records, total) = state.withLock { ($0.files, $0.records, $0.total) }
        guard let files else { return records }
        let (head, tail) = await uncancelled { [pool, file] in (try? await pool.run { files.read(file: file) }) ?? ([], []) }
        let (end, count) = state.withLock { state in
            // While more comes, nobody can tell what is left out from what has just been written.
            (tail + state.records, state.total == total && !state.isWriting ? state.memory.count : nil)
        }
        return OutputText.joined(head: head, end: end, count: count, file: file)
    }
}
