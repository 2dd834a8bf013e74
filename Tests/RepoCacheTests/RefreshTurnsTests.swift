import Basics
import Testing

@testable import RepoCache

@Suite struct RefreshTurnsTests {
    @Test func whoeverComesDuringAQuestionSharesTheNext() {
        var turns = RefreshTurns()
        let first = turns.join(Wish(branches: ["dev"]))
        #expect(first.start?.wish.branches == ["dev"])
        let second = turns.join(Wish(branches: ["prod"]))
        let third = turns.join(Wish(branches: ["dev"]))
        #expect(second.start == nil && third.start == nil)
        #expect(second.id == third.id && second.id != first.id)

        let next = turns.landed()
        #expect(next?.id == second.id)
        #expect(next?.wish.branches == ["dev", "prod"])
        let fourth = turns.join(Wish())
        #expect(fourth.start == nil && fourth.id != second.id)
        #expect(turns.landed()?.id == fourth.id)
        #expect(turns.landed() == nil)
        #expect(turns.join(Wish()).start != nil)
    }
}

@Suite(.timeLimit(.minutes(1))) struct LandingTests {
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
}
