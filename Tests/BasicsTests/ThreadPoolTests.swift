import Basics
import Glibc
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(3))) struct ThreadPoolTests {
    @Test("Blocking calls run side by side, however few cores there are")
    func blockingCallsDoNotWaitForEachOther() async throws {
        let pool = ThreadPool(name: "test", width: 20)
        let inside = Gauge()
        // Each call waits until all twenty are inside: with fewer threads than calls this would never end.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await pool.run {
                        inside.enter()
                        while inside.most < 20 { usleep(1_000) }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(inside.most == 20)
    }

    @Test("No more calls run at once than the pool is wide")
    func widthIsKept() async throws {
        let pool = ThreadPool(name: "test", width: 3)
        let inside = Gauge()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<30 {
                group.addTask {
                    try await pool.run {
                        inside.enter()
                        usleep(2_000)
                        inside.leave()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect((1...3).contains(inside.most))
    }

    @Test("A cancelled caller does not wait for its turn, and its work never runs")
    func cancellationRemovesWaitingWork() async throws {
        let pool = ThreadPool(name: "test", width: 1)
        let release = Atomic(false)
        let ran = Atomic(false)
        async let blocker: Void = pool.run { while !release.load(ordering: .relaxed) { usleep(1_000) } }
        let waiting = Task { try await pool.run { ran.store(true, ordering: .relaxed) } }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        release.store(true, ordering: .relaxed)
        try await blocker
        try await pool.run {}
        let hasRun = ran.load(ordering: .relaxed)
        #expect(!hasRun)
    }

    @Test("Where the system gives no thread, the call fails; the process lives on, and the next call may succeed")
    func noThread() async {
        // In a process of its own, whose memory is then limited: there is no room for a thread's stack.
        await #expect(processExitsWith: .success) {
            let pool = ThreadPool(name: "test", width: 1)
            var before = rlimit()
            try #require(getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &before) == 0)
            let pages = try #require(
                String(decoding: try Files.read("/proc/self/statm"), as: UTF8.self).split(separator: " ").first
            )
            var limit = before
            limit.rlim_cur = rlim_t(try #require(UInt64(pages))) * 4_096 + (4 << 20)
            try #require(setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0)
            let error = await #expect(throws: NoThreadError.self) { try await pool.run {} }
            try #require(setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &before) == 0)
            #expect(error?.description.contains("test") == true)
            try await pool.run {}
        }
    }

    @Test("What the body throws comes out")
    func errors() async {
        let pool = ThreadPool(name: "test", width: 1)
        await #expect(throws: DeadlineExceeded.self) { try await pool.run { throw DeadlineExceeded() } }
    }
}

/// How many are inside, and how many were at most.
private final class Gauge: Sendable {
    private let state = Mutex((now: 0, most: 0))

    var most: Int { state.withLock { $0.most } }

    func enter() {
        state.withLock { state in
            state.now += 1
            state.most = max(state.most, state.now)
        }
    }

    func leave() { state.withLock { $0.now -= 1 } }
}
