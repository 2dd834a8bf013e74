import Basics
import Glibc
import Synchronization

/// The most disk that a directory took while it was watched, temporary files and all: looked at again and again by a thread of
/// its own.
final class DiskUse: Sendable {
    private struct State {
        var most = 0
        var looks = 0
        var isDone = false
    }

    private let directory: String
    private let state = Mutex(State())

    init(of directory: String) { self.directory = directory }

    var most: Int { state.withLock { $0.most } }
    var looks: Int { state.withLock { $0.looks } }

    /// Watches while `body` runs.
    func watch<T: Sendable>(_ body: () async throws -> T) async throws -> T {
        let pool = ThreadPool(name: "disk use", width: 1)
        async let watching: Void = pool.run { [self] in
            while !state.withLock({ $0.isDone }) {
                look()
                usleep(2_000)
            }
        }
        let result: Result<T, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        state.withLock { $0.isDone = true }
        try await watching
        return try result.get()
    }

    private func look() {
        let bytes = Self.bytes(of: directory)
        state.withLock { state in
            state.most = max(state.most, bytes)
            state.looks += 1
        }
    }

    /// The blocks that a file or a directory with all in it takes, in bytes. What goes away meanwhile does not count.
    static func bytes(of path: String) -> Int {
        var status = stat()
        guard lstat(path, &status) == 0 else { return 0 }
        let own = Int(status.st_blocks) * 512
        guard status.st_mode & S_IFMT == S_IFDIR else { return own }
        return ((try? Files.list(path)) ?? []).reduce(own) { $0 + bytes(of: "\(path)/\($1)") }
    }
}
