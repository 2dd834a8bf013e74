import Basics
import Testing

@Suite(.timeLimit(.minutes(1))) struct DeadlineTests {
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
}
