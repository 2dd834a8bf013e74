import TestSupport
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(3))) struct SchedulerTests {
    private typealias Priority = Scheduler.Priority

    @Test("Who waits gets the slot in order of arrival, urgent ones first")
    func order() async throws {
        let scheduler = Scheduler(limit: 1)
        let ran = Collected<UInt64>()
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await scheduler.withSlot(Priority(isUrgent: false, sequence: 0)) {
                    start.yield()
                    for await _ in gate { break }
                }
            }
            for await _ in started { break }
            for (sequence, isUrgent) in [(3, false), (1, false), (4, true), (2, false), (5, true)] {
                group.addTask {
                    try await scheduler.withSlot(Priority(isUrgent: isUrgent, sequence: UInt64(sequence))) {
                        ran.append(UInt64(sequence))
                    }
                }
            }
            while scheduler.waiting < 5 { await Task.yield() }
            open.yield()
            try await group.waitForAll()
        }
        #expect(ran.values == [4, 5, 1, 2, 3])
    }

    @Test("A cancelled waiter leaves, and its place does not cost a slot")
    func cancellation() async throws {
        let scheduler = Scheduler(limit: 1)
        try await scheduler.withSlot(Priority(isUrgent: false, sequence: 0)) {
            let waiter = Task { try await scheduler.withSlot(Priority(isUrgent: true, sequence: 1)) {} }
            while scheduler.waiting < 1 { await Task.yield() }
            waiter.cancel()
            await #expect(throws: CancellationError.self) { try await waiter.value }
        }
        try await scheduler.withSlot(Priority(isUrgent: false, sequence: 2)) {}
        #expect(scheduler.waiting == 0)
    }

    @Test("A body that throws gives its slot back")
    func failure() async throws {
        struct Failure: Error {}
        let scheduler = Scheduler(limit: 1)
        await #expect(throws: Failure.self) {
            try await scheduler.withSlot(Priority(isUrgent: false, sequence: 0)) { throw Failure() }
        }
        try await scheduler.withSlot(Priority(isUrgent: false, sequence: 1)) {}
    }
}
