import Basics
import Curl
import Glibc
import Model
import RepoCache
import Synchronization
import TestSupport

/// A cache in a directory of its own, and what a test wants to know of it.
final class CacheFixture: Sendable {
    let directory: TemporaryDirectory
    let client = HTTPClient()
    private let settings: Mutex<RepositorySettings>
    private let opened: Mutex<RepoCache?>

    init(_ remote: String, configure: (inout RepositorySettings) -> Void = { _ in }) throws {
        directory = try TemporaryDirectory()
        let folders = ["genericexecutor", "generic-executor"].compactMap(PlainName.init)
        var settings = RepositorySettings(remote: remote, folders: folders)
        configure(&settings)
        self.settings = Mutex(settings)
        opened = Mutex(nil)
        try reopen()
    }

    var path: String { "\(directory.path)/cache" }
    var project: String { "\(path)/shop" }
    var clone: String { "\(project)/repository.git" }
    var cache: RepoCache { opened.withLock { $0! } }

    /// As a restart of the service.
    func reopen() throws {
        close()
        let cache = try RepoCache(directory: path, client: client) { [weak self] _ in
            guard let self else { throw CancellationError() }
            return self.settings.withLock { $0 }
        }
        opened.withLock { $0 = cache }
    }

    func configure(_ change: (inout RepositorySettings) -> Void) { settings.withLock { change(&$0) } }

    func close() { opened.withLock { $0 = nil } }

    func snapshot(
        _ stage: String? = nil,
        _ service: String? = nil,
        commit: String? = nil,
        within limit: Duration = .seconds(30)
    ) async throws -> SnapshotLease {
        let scope = Scope(
            project: PlainName("shop"),
            stage: stage.flatMap { PlainName($0) },
            service: service.flatMap { PlainName($0) }
        )
        return try await cache.snapshot(scope, commit: commit, deadline: .after(limit))
    }

    /// What stands in a file of a level's script folder; nil if it is not there.
    func text(_ file: String, _ level: Level, of lease: SnapshotLease) -> String? {
        guard let place = lease.snapshot.places.first(where: { $0.level == level }) else { return nil }
        return (try? Files.read("\(place.directory)/genericexecutor/\(file)")).map { String(decoding: $0, as: UTF8.self) }
    }

    /// All that is under a directory, with types and permissions: `dr-x a`, `-r-- a/b.sh`. A link would show as `l`.
    static func listing(_ directory: String, below prefix: String = "") throws -> [String] {
        try Files.list(directory).flatMap { name -> [String] in
            let path = "\(directory)/\(name)"
            var status = stat()
            lstat(path, &status)
            let kind =
                switch status.st_mode & S_IFMT {
                case S_IFDIR: "d"
                case S_IFREG: "-"
                default: "l"
                }
            let line = "\(kind)\(String(status.st_mode & 0o777, radix: 8)) \(prefix)\(name)"
            return [line] + (kind == "d" ? try listing(path, below: "\(prefix)\(name)/") : [])
        }
    }
}
