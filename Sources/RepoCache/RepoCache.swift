public import Basics
public import Curl
import Git
import Glibc
public import Model
import Synchronization

/// Which commits the projects' branches are at, and their script folders on disk.
///
/// On disk, readable by people and by `git`:
/// ```
/// <directory>/<project>/
///   repository.git/          a bare shallow clone; absent where the remote is a local repository
///   snapshots/<commit>/...   that commit's script folders at their paths: complete or absent, read-only
///   state.json               which branch is at which commit, when it was asked, from where
/// ```
/// One process at a time uses a directory. Whatever moment it is killed at, the next start goes on from a state that works.
public final class RepoCache: Sendable {
    private let directory: String
    private let lock: DirectoryLock
    private let client: HTTPClient
    private let pool: ThreadPool
    private let settings: @Sendable (PlainName) async throws -> RepositorySettings
    private let limits: CacheLimits
    private let breakers = HostBreakers()
    private let room: Room
    private let observer: @Sendable (RefreshRecord) -> Void
    private let opensSnapshots: Bool
    private let projects = Mutex<[PlainName: ProjectCache]>([:])

    /// Takes the directory, and removes what a killed process left half done. Blocks for a moment.
    ///
    /// - Parameters:
    ///   - directory: is created if it does not exist.
    ///   - pool: where files are read and written; each call blocks one of its threads.
    ///   - opensSnapshots: whether other users than the service's may read the snapshots, for scripts that run as one of them.
    ///   - observer: told how each request was served, on any thread; it must not block.
    ///   - settings: asked at each refresh, so that a new token counts at once. It must not block; what it throws is shown: no
    ///     secrets.
    public init(
        directory: String,
        client: HTTPClient,
        pool: ThreadPool = ThreadPool(name: "repositories", width: 4),
        limits: CacheLimits = CacheLimits(),
        opensSnapshots: Bool = false,
        observer: @escaping @Sendable (RefreshRecord) -> Void = { _ in },
        settings: @escaping @Sendable (PlainName) async throws -> RepositorySettings
    ) throws(RepoCacheError) {
        do {
            try Files.createDirectory(directory)
            lock = try Self.lock(directory)
            for name in try Files.list(directory) where PlainName(name) != nil {
                ProjectDirectory("\(directory)/\(name)").sweep()
            }
        } catch {
            throw RepoCacheError(error)
        }
        self.directory = directory
        self.client = client
        self.pool = pool
        self.settings = settings
        self.observer = observer
        self.limits = limits
        self.opensSnapshots = opensSnapshots
        if opensSnapshots {
            for path in [directory] + ((try? Files.list(directory)) ?? []).map({ "\(directory)/\($0)" })
            where Files.isDirectory(path) {
                chmod(path, 0o711)
            }
        }
        room = Room(limit: limits.total, directory: directory, pool: pool)
    }

    private static func lock(_ directory: String) throws -> DirectoryLock {
        do throws(FileError) {
            return try DirectoryLock(directory)
        } catch {
            guard error.errno == EWOULDBLOCK else { throw error }
            throw RepoCacheError(
                GitError.FailureClass.disk.rawValue,
                "cannot use \(directory): another process uses it; give each instance a CACHE_DIRECTORY and a DATA_DIRECTORY of its own"
            )
        }
    }

    /// The script folders that count for a service, a stage and a project, each level at one commit, on disk.
    ///
    /// Asks the repository at most once, together with all others who ask for the same project at this time. The deadline and
    /// a cancellation end the caller's wait; the question goes on for those who come later.
    ///
    /// - Parameter commit: pins service and stage level (in the directory layout the project level too) to a commit of the
    ///   stage's branch.
    /// - Returns: a lease; the directories stay until it is released.
    /// - Throws: ``RepoCacheError`` if nothing can be served, or `CancellationError`.
    public func snapshot(_ scope: Scope, commit: String? = nil, deadline: Deadline) async throws -> SnapshotLease {
        try await observed(scope.project) {
            let (project, settings) = try await project(of: scope, until: deadline)
            let (lease, kind) = try await project.snapshot(scope, commit: commit, settings: settings, deadline: deadline)
            return (lease, kind, lease.snapshot.staleness?.failureClass)
        }
    }

    /// The same from the last good commits, without asking anybody; nil where they are not known.
    public func lastKnown(_ scope: Scope) async -> SnapshotLease? {
        guard let (project, settings) = try? await project(of: scope, until: .after(RefreshLimits.disk)) else { return nil }
        return try? await project.lastKnown(scope, settings: settings)
    }

    /// What is known of each project that has been asked for or has a clone, sorted by name. Asks nobody, and no settings.
    public func status() async -> [RepositoryStatus] {
        let opened = projects.withLock { $0 }
        var states: [RepositoryStatus] = []
        for project in opened.values { states.append(await project.status()) }
        let directory = directory
        let closed = try? await pool.run {
            try Files.list(directory).compactMap { PlainName($0) }.filter { opened[$0] == nil }.map { name in
                RepositoryStatus(of: ProjectDirectory("\(directory)/\(name)"))
            }
        }
        return (states + (closed ?? [])).sorted { $0.project < $1.project }
    }

    /// Asks a project's repository now about all branches that are known of it, whatever was asked or failed before.
    ///
    /// - Throws: ``RepoCacheError`` if it cannot be asked, or `CancellationError`.
    @discardableResult
    public func refresh(_ name: PlainName, deadline: Deadline) async throws -> RepositoryStatus {
        try await observed(name) {
            let (project, settings) = try await project(of: Scope(project: name, stage: nil, service: nil), until: deadline)
            let kind = try await project.refreshAll(settings: settings, deadline: deadline)
            return (await project.status(), kind, nil)
        }
    }

    /// Tells the observer how a request was served, and makes room where it brought something.
    private func observed<T>(
        _ name: PlainName?,
        _ body: () async throws -> (value: T, kind: RefreshRecord.Kind, failureClass: String?)
    ) async throws -> T {
        let start = ContinuousClock.now
        func observe(_ kind: RefreshRecord.Kind, _ failureClass: String?) {
            observer(RefreshRecord(project: name?.text ?? "", kind: kind, duration: .now - start, failureClass: failureClass))
        }
        do {
            let (value, kind, failureClass) = try await body()
            observe(kind, failureClass)
            if kind == .cloned || kind == .fetched { room.check(projects.withLock { $0 }) }
            return value
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            let error = RepoCacheError(error)
            observe(.failed, error.failureClass)
            throw error
        }
    }

    /// Looks at a project's repository from scratch, step by step. Nothing that is held is used or changed.
    public func inspect(_ name: PlainName) async -> RepositoryInspection {
        let inspector = Inspector(
            directory: ProjectDirectory("\(directory)/\(name)"),
            client: client,
            pool: pool,
            limits: limits,
            settings: { [settings] in try await settings(name) }
        )
        return await inspector.inspect()
    }

    private func project(of scope: Scope, until deadline: Deadline) async throws -> (ProjectCache, RepositorySettings) {
        guard let name = scope.project else {
            throw RepoCacheError("configuration", "cannot find a repository: the event names no project")
        }
        do {
            let settings = try await withLimit(deadline) { [settings] in try await settings(name) }
            let isLocal = (try? RemoteURL(settings.remote)).map { !$0.isCloned } ?? false
            return (project(name, folders: settings.folders, isLocal: isLocal), settings)
        } catch let error where !(error is CancellationError || error is DeadlineExceeded) {
            throw RepoCacheError("configuration", "\(error)")
        }
    }

    /// Names of projects come from senders: those of which nothing is held must not pile up.
    private func forgetStrangers(_ projects: inout [PlainName: ProjectCache]) {
        guard projects.count >= Self.maximumStrangers else { return }
        projects = projects.filter { $0.value.refresher.view != nil || $0.value.refresher.isBusy || $0.value.usage.isInUse }
    }

    private static let maximumStrangers = 1_000

    private func project(_ name: PlainName, folders: [PlainName], isLocal: Bool) -> ProjectCache {
        projects.withLock { projects in
            if let known = projects[name] { return known }
            room.opened(name)
            let directory = ProjectDirectory("\(directory)/\(name)", isOpen: opensSnapshots)
            // A damaged object makes libgit2 spin for ever (up to 1.9.7 at least). We fetch no such objects, but a repository that
            // others write is read in place: what is lost then is threads of its own project alone.
            let pool = isLocal ? ThreadPool(name: "local", width: 2) : pool
            let refresher = ProjectRefresher(
                directory: directory,
                client: client,
                pool: pool,
                limits: limits,
                breakers: breakers,
                settings: { [settings] in try await settings(name) }
            )
            let project = ProjectCache(directory: directory, folders: folders, pool: pool, refresher: refresher)
            forgetStrangers(&projects)
            projects[name] = project
            return project
        }
    }
}
