import Basics
import Glibc
import Synchronization

/// The most children and threads that a process had while it was watched: looked at again and again by a thread of its own.
final class ProcessWatch: Sendable {
    private struct State {
        var children: Set<Int> = []
        var mostChildren = 0
        var mostThreads = 0
        var looks = 0
        var isDone = false
    }

    private let process: Int
    private let state = Mutex(State())

    init(of process: Int) { self.process = process }

    /// How many children there were at the same time.
    var mostChildren: Int { state.withLock { $0.mostChildren } }
    var mostThreads: Int { state.withLock { $0.mostThreads } }
    var looks: Int { state.withLock { $0.looks } }

    /// Watches while `body` runs.
    func watch<T: Sendable>(_ body: () async throws -> T) async throws -> T {
        let pool = ThreadPool(name: "process watch", width: 1)
        async let watching: Void = pool.run { [self] in
            while !state.withLock({ $0.isDone }) {
                look()
                usleep(20_000)
            }
        }
        let result: Result<T, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        state.withLock { $0.isDone = true }
        try await watching
        return try result.get()
    }

    /// One look takes time: a child may end and another begin within it. Those that two looks in a row see were there together between
    /// the two.
    private func look() {
        let children = Set(ProcessUse.children(of: process).compactMap { Int($0.prefix { $0.isNumber }) })
        let threads = ProcessUse(of: process)?.threads ?? 0
        state.withLock { state in
            state.mostChildren = max(state.mostChildren, children.intersection(state.children).count)
            state.mostThreads = max(state.mostThreads, threads)
            state.children = children
            state.looks += 1
        }
    }
}
