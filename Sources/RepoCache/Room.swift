import Basics
import Model
import Synchronization

/// Keeps all projects together within their limit: the clones that were not used for longest go, first of them those that nobody has
/// asked for since the start.
final class Room: Sendable {
    private let limit: Int
    private let directory: String
    private let pool: ThreadPool
    private let isChecking = Mutex(false)
    /// The clones of projects that nobody has asked for since the start, with their sizes.
    private let unused: Mutex<[PlainName: Int]>

    /// Looks at what is in `directory`. Blocks for a moment.
    init(limit: Int, directory: String, pool: ThreadPool) {
        self.limit = limit
        self.directory = directory
        self.pool = pool
        let names = ((try? Files.list(directory)) ?? []).compactMap { PlainName($0) }
        unused = Mutex(
            names.reduce(into: [:]) { sizes, name in
                sizes[name] = CloneSize(of: ProjectDirectory("\(directory)/\(name)").repository, fresh: nil).bytes
            }
        )
    }

    /// Somebody asks for a project.
    func opened(_ name: PlainName) { unused.withLock { $0[name] = nil } }

    /// Makes room where it is needed, in the background; a check that goes on is enough.
    func check(_ projects: [PlainName: ProjectCache]) {
        guard bytes(projects) > limit else { return }
        let isFirst = isChecking.withLock { isChecking in
            defer { isChecking = true }
            return !isChecking
        }
        guard isFirst else { return }
        Task {
            await makeRoom(projects)
            isChecking.withLock { $0 = false }
        }
    }

    private func bytes(_ projects: [PlainName: ProjectCache]) -> Int {
        unused.withLock { $0.values.reduce(0, +) } + projects.values.reduce(0) { $0 + $1.refresher.clone.size.bytes }
    }

    private func makeRoom(_ projects: [PlainName: ProjectCache]) async {
        while bytes(projects) > limit, let name = unused.withLock({ $0.popFirst()?.key }) { await remove(name) }
        var bytes = bytes(projects)
        // Whoever was used last stays, however large it is.
        for project in projects.values.sorted(by: { $0.usage.last < $1.usage.last }).dropLast() where bytes > limit {
            let size = project.refresher.clone.size.bytes
            if await project.evict() { bytes -= size }
        }
    }

    private func remove(_ name: PlainName) async {
        _ = try? await pool.run { [directory] in
            let project = ProjectDirectory("\(directory)/\(name)")
            for path in [project.state, project.snapshots, project.repository] { try project.discard(path) }
        }
    }
}
