import Basics
import Model
import RepoCache

/// Where a run's script folders come from.
enum SnapshotSource: Sendable {
    /// The projects' Git repositories.
    case repositories(RepoCache)
    /// A directory, absolute, for trying scripts without Git (`ENV=local`): a single level, the project's.
    case directory(String)
}

/// Script folders that stay on disk for as long as this value is held.
struct HeldSnapshot: Sendable {
    let snapshot: Snapshot
    private let lease: SnapshotLease?

    init(_ lease: SnapshotLease) {
        self.snapshot = lease.snapshot
        self.lease = lease
    }

    init(directory: String) {
        snapshot = Snapshot(places: [.init(level: .project, branch: "local", commit: "local", path: "", directory: directory)])
        lease = nil
    }

    func release() { lease?.release() }
}

extension SnapshotSource {
    /// The repositories' cache; nil where there is none.
    var cache: RepoCache? { if case .repositories(let cache) = self { cache } else { nil } }

    /// - Parameter commit: pins service and stage level.
    /// - Throws: `RepoCacheError` when nothing can be served.
    func snapshot(for request: ScriptRequest, commit: String?, deadline: Deadline) async throws -> HeldSnapshot {
        switch self {
        case .repositories(let cache):
            HeldSnapshot(try await cache.snapshot(request.scope, commit: commit, deadline: deadline))
        case .directory(let path): HeldSnapshot(directory: path)
        }
    }

    /// The last good commits, without asking; nil where there are none.
    func lastKnown(for request: ScriptRequest) async -> HeldSnapshot? {
        switch self {
        case .repositories(let cache): await cache.lastKnown(request.scope).map(HeldSnapshot.init)
        case .directory: nil
        }
    }
}
