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
    private let settings: @Sendable (PlainName) throws -> RepositorySettings
    private let projects = Mutex<[PlainName: ProjectCache]>([:])

    /// Takes the directory, and removes what a killed process left half done. Blocks for a moment.
    ///
    /// - Parameters:
    ///   - directory: is created if it does not exist.
    ///   - pool: where files are read and written; each call blocks one of its threads.
    ///   - settings: asked at each refresh, so that a new token counts at once. What it throws is shown: no secrets.
    public init(
        directory: String,
        client: HTTPClient,
        pool: ThreadPool = ThreadPool(name: "repositories", width: 4),
        settings: @escaping @Sendable (PlainName) throws -> RepositorySettings
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
        do {
            let (project, settings) = try await project(of: scope, until: deadline)
            return try await project.snapshot(scope, commit: commit, settings: settings, deadline: deadline)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw RepoCacheError(error)
        }
    }

    /// The same from the last good commits, without asking anybody; nil where they are not known.
    public func lastKnown(_ scope: Scope) async -> SnapshotLease? {
        guard let (project, settings) = try? await project(of: scope, until: .after(RefreshLimits.disk)) else { return nil }
        return try? await project.lastKnown(scope, settings: settings)
    }

    /// The settings may be behind files, which are read on the pool: a slow disk must stall nobody else.
    private func project(of scope: Scope, until deadline: Deadline) async throws -> (ProjectCache, RepositorySettings) {
        guard let name = scope.project else {
            throw RepoCacheError("configuration", "cannot find a repository: the event names no project")
        }
        do {
            let settings = try await pool.run(until: deadline) { [settings] in try settings(name) }
            return (project(name, folders: settings.folders), settings)
        } catch let error where !(error is CancellationError || error is DeadlineExceeded) {
            throw RepoCacheError("configuration", "\(error)")
        }
    }

    private func project(_ name: PlainName, folders: [PlainName]) -> ProjectCache {
        projects.withLock { projects in
            if let known = projects[name] { return known }
            let settings = settings
            let project = ProjectCache(
                directory: ProjectDirectory("\(directory)/\(name)"),
                folders: folders,
                client: client,
                pool: pool,
                settings: { try settings(name) }
            )
            projects[name] = project
            return project
        }
    }
}
