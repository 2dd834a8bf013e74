import Testing

@testable import Basics

@Suite(.timeLimit(.minutes(3))) struct DeadlineTests {
    @Test("Work that ends in time gives its value")
    func inTime() async throws {
        #expect(try await withDeadline(.after(.seconds(30))) { 7 } == 7)
    }

    @Test("Work that takes too long is cancelled")
    func tooLate() async {
        await #expect(throws: DeadlineExceeded.self) {
            try await withDeadline(.after(.milliseconds(20))) { try await Task.sleep(for: .seconds(60)) }
        }
    }

    @Test("What the work throws comes out")
    func failure() async {
        struct Failure: Error {}
        await #expect(throws: Failure.self) { try await withDeadline(.after(.seconds(30))) { throw Failure() } }
    }

    @Test("A deadline that has passed leaves nothing")
    func remaining() {
        #expect(Deadline.after(.seconds(-1)).remaining == .zero)
        #expect(Deadline.after(.seconds(-1)).hasPassed)
        #expect(Deadline.after(.seconds(60)).remaining > .seconds(30))
    }

    @Test("Work that ends in time leaves no timer behind, however far away its deadline was")
    func noTimersLeft() async throws {
        for _ in 0..<5_000 { _ = try await withDeadline(.after(.seconds(3_600))) { 1 } }
        // Others may wait at the same time; of ours, at most a handful is not forgotten yet.
        #expect(AlarmClock.shared.count < 1_000)
    }

    @Test("A deadline that is nearer is kept though somebody waits for a later one already")
    func nearerDeadline() async throws {
        let late = Task { try await AlarmClock.shared.sleep(until: .after(.seconds(3_600))) }
        for _ in 0..<3 { try await AlarmClock.shared.sleep(until: .after(.milliseconds(5))) }
        late.cancel()
        await #expect(throws: CancellationError.self) { try await late.value }
    }
}
