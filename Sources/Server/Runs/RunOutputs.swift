import Basics
import Executor
import Glibc
import Model
import Synchronization

/// What runs print: live while they run, in files beside the database afterwards.
final class RunOutputs: Sendable {
    private let directory: String
    private let pool = ThreadPool(name: "outputs", width: 2)
    private let live = Mutex<[String: RunOutput]>([:])
    /// Of what was written since the start, less what was removed.
    let bytes = Atomic(0)
    private let watch: RunWatch

    init(directory: String, watch: RunWatch = RunWatch()) {
        self.directory = directory
        self.watch = watch
    }

    /// Where the outputs of the service with that `DATA_DIRECTORY` are.
    static func directory(in dataDirectory: String) -> String { "\(dataDirectory)/outputs" }

    func began(_ run: String, _ output: RunOutput) {
        live.withLock { $0[run] = output }
        watch.changed(run)
    }

    /// Keeps the output in a file. It is no part of what is promised: an output that cannot be written is lost.
    ///
    /// - Returns: the size of the file.
    func ended(_ run: String, _ output: RunOutput) async -> Int {
        let records = await output.records()
        let path = path(of: run)
        let bytes = records.isEmpty ? 0 : try? await Task { try await pool.run { try Self.write(records, to: path) } }.value
        live.withLock { _ = $0.removeValue(forKey: run) }
        self.bytes.add(bytes ?? 0, ordering: .relaxed)
        return bytes ?? 0
    }

    private static func write(_ records: [OutputRecord], to path: String) throws(FileError) -> Int {
        do throws(FileError) {
            return try OutputFile.write(records, to: path)
        } catch {
            // The first of its directory.
            try Files.createDirectory(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
            return try OutputFile.write(records, to: path)
        }
    }

    /// The output of a run that runs, from its beginning to its end; nil if it does not run now.
    func follow(_ run: String) -> OutputFollower? { live.withLock { $0[run] }?.follow() }

    /// The output of a run so far, as it was kept.
    func records(of run: String) async throws -> [OutputRecord] {
        if let output = live.withLock({ $0[run] }) { return await output.records() }
        let path = path(of: run)
        return try await pool.run { OutputFile.read(path) }
    }

    /// Removes the outputs of runs.
    ///
    /// - Parameter bytes: what they took.
    func remove(_ runs: [String], bytes: Int) async {
        self.bytes.subtract(bytes, ordering: .relaxed)
        let paths = runs.map(path(of:))
        _ = try? await pool.run {
            for path in paths {
                unlink(path)
                // The last one of its directory takes it along.
                rmdir(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
            }
        }
    }

    /// Ids begin with the time: a directory for each quarter of an hour or so, so that none gets too large.
    private func path(of run: String) -> String {
        let time = run.filter { $0 != "-" }.prefix(7)
        return "\(directory)/\(time)/\(run)"
    }
}
