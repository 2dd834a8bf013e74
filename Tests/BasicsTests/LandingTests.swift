import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Basics

@Suite(.timeLimit(.minutes(3))) struct LandingTests {
    @Test func allWhoWaitGetTheResultAndLaterOnesToo() async throws {
        let landing = Landing<Int>()
        let values = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<50 { group.addTask { try await landing.value(until: .after(.seconds(30))) } }
            landing.land(.success(7))
            landing.land(.success(8))
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(values == Array(repeating: 7, count: 50))
        #expect(try await landing.value(until: .after(.zero)) == 7)
    }

    @Test func aWaitEndsByItsDeadlineOrByCancellation() async {
        let landing = Landing<Int>()
        await #expect(throws: DeadlineExceeded.self) { try await landing.value(until: .after(.milliseconds(10))) }
        let waiting = Task { try await landing.value(until: .after(.seconds(30))) }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
    }

    @Test func workThatNeverEndsDoesNotHoldItsCaller() async {
        let pool = ThreadPool(name: "test", width: 1)
        let end = Landing<Void>()
        await #expect(throws: DeadlineExceeded.self) {
            try await pool.run(until: .after(.milliseconds(10))) {
                // A call that blocks its thread, as a damaged file does to libgit2.
                let done = ThreadGate()
                Task {
                    try? await end.value(until: .after(.seconds(30)))
                    done.open()
                }
                done.wait()
            }
        }
        end.land(.success(()))
    }

    @Test("Work whose caller has given up does not begin later, when others have changed what it would change")
    func lateWork() async throws {
        let pool = ThreadPool(name: "test", width: 1)
        let release = Atomic(false)
        let ran = Atomic(false)
        let (started, signal) = AsyncStream.makeStream(of: Void.self)
        async let blocker: Void = pool.run {
            signal.yield()
            while !release.load(ordering: .relaxed) { usleep(1_000) }
        }
        for await _ in started { break }
        await #expect(throws: DeadlineExceeded.self) {
            try await pool.run(until: .after(.milliseconds(20))) { ran.store(true, ordering: .relaxed) }
        }
        release.store(true, ordering: .relaxed)
        try await blocker
        try await pool.run {}
        let hasRun = ran.load(ordering: .relaxed)
        #expect(!hasRun)
    }
}
