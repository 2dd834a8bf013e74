import Basics

/// Adds commits to a bare repository as fast as a push by hand never could, a few milliseconds each, through one `git fast-import`
/// that lives as long as this value. Tests that need thousands use it.
///
/// It is the only one that changes the branches which it commits to: what others do to them it does not notice.
public final class FastCommitter: Sendable {
    /// One thread: commits are made one after the other.
    private let pool = ThreadPool(name: "committer", width: 1)
    private let importer: Importer

    public init(_ repository: BareRepository) throws { importer = try Importer(repository.path) }

    /// Adds a commit to a branch, which begins with it if there is none; after the return everyone sees it.
    ///
    /// - Parameter parent: instead of the branch's tip; an empty string makes a commit without parents.
    /// - Returns: its id.
    @discardableResult
    public func commit(
        _ files: [String: BareRepository.Change] = [:],
        on branch: String = "main",
        parent: String? = nil
    ) async throws -> String {
        let importer = importer
        return try await pool.run { try importer.commit(files, branch, parent) }
    }

    /// Ends the import: nothing of it is left in the repository but the commits. Without it, that comes at some time after the value's end.
    public func finish() async throws {
        let importer = importer
        try await pool.run { importer.finish() }
    }
}

/// Only the pool's thread touches it.
private final class Importer: @unchecked Sendable {
    private let path: String
    private let process: PipedProcess
    private var count = 0
    private var branches: Set<String> = []

    init(_ path: String) throws {
        self.path = path
        // Objects go into files of their own: a pack a commit would make the server slow. Nobody needs them after a power cut.
        let options = ["core.fsync=none", "fastimport.unpackLimit=1000", "gc.auto=0"].flatMap { ["-c", $0] }
        process = try PipedProcess(
            "/usr/bin/git",
            ["-C", path] + options + ["fast-import", "--quiet", "--force", "--date-format=raw"],
            environment: BareRepository.environment
        )
    }

    /// An importer that is killed would leave the pack behind that it has begun.
    deinit { finish() }

    func finish() { process.finish() }

    func commit(_ files: [String: BareRepository.Change], _ branch: String, _ parent: String?) throws -> String {
        count += 1
        var stream: [UInt8] = []
        let reference = "refs/heads/\(branch)"
        // What another program has put there is what the first commit builds on.
        let isKnown = !branches.insert(branch).inserted
        let start = parent ?? (isKnown || !exists(reference) ? nil : "\(reference)^0")
        if start == "" { stream += Array("reset \(reference)\n".utf8) }
        stream += Array("commit \(reference)\nmark :\(count)\n".utf8)
        stream += Array("committer Fixture <fixture@example.org> \(1_700_000_000 + count) +0000\n".utf8)
        stream += BareRepository.data(Array("change \(count)".utf8))
        if let start, !start.isEmpty { stream += Array("from \(start)\n".utf8) }
        for (name, change) in files.sorted(by: { $0.key < $1.key }) { stream += BareRepository.line(name, change) }
        stream += Array("\nget-mark :\(count)\ncheckpoint\nprogress \(count)\n".utf8)
        try process.write(stream)
        let id = try process.readLine()
        guard id.count == 40, try process.readLine() == "progress \(count)" else {
            throw PipedProcess.Failure(description: "git fast-import said '\(id)'")
        }
        return id
    }

    private func exists(_ reference: String) -> Bool {
        if Files.exists("\(path)/\(reference)") { return true }
        let packed = (try? Files.read("\(path)/packed-refs")) ?? []
        return String(decoding: packed, as: UTF8.self).split(separator: "\n").contains { $0.hasSuffix(" \(reference)") }
    }
}
