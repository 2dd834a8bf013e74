import Basics
import Measuring
import Processes
import TestSupport

/// A bare shallow clone that the git program keeps.
final class GitClone: Sendable {
    private let directory: TemporaryDirectory
    private let remote: String
    private let authority: String?

    init(_ remote: String, authority: String? = nil) async throws {
        self.remote = remote
        self.authority = authority
        directory = try TemporaryDirectory()
        try await BareRepository.git("init", "--quiet", "--bare", path)
    }

    private var path: String { directory.path + "/clone.git" }

    /// Starts `git fetch --depth 1` of the four branches and waits for its end.
    func fetch() async throws {
        let references = Upstreams.branches.map { "+refs/heads/\($0):refs/heads/\($0)" }
        var environment = [
            "PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
        ]
        if let authority { environment["GIT_SSL_CAINFO"] = authority }
        let arguments = ["-C", path, "fetch", "--quiet", "--depth", "1", remote] + references
        let result = try await Command("/usr/bin/git", arguments, environment: environment).collect(until: .after(.seconds(120)))
        guard result.exit.isSuccess else { throw BenchmarkError("git fetch failed: \(result.standardError.text)") }
    }
}
