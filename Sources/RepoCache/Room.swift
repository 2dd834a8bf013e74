import Model
import Synchronization

/// Keeps all projects together within their limit: the clones that were not used for longest go.
final class Room: Sendable {
    private let limit: Int
    private let isChecking = Mutex(false)

    init(limit: Int) { self.limit = limit }

    /// Makes room where it is needed, in the background; a check that goes on is enough.
    func check(_ projects: [PlainName: ProjectCache]) {
        guard projects.values.reduce(0, { $0 + $1.refresher.clone.size.bytes }) > limit else { return }
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

    private func makeRoom(_ projects: [PlainName: ProjectCache]) async {
        var bytes = projects.values.reduce(0) { $0 + $1.refresher.clone.size.bytes }
        // Whoever was used last stays, however large it is.
        for project in projects.values.sorted(by: { $0.usage.last < $1.usage.last }).dropLast() where bytes > limit {
            let size = project.refresher.clone.size.bytes
            if await project.evict() { bytes -= size }
        }
    }
}
