import Model
import TestSupport
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(3))) struct SchedulerTests {
    private typealias Priority = Scheduler.Priority

    private static func scope(_ service: String, project: String = "shop") -> Scope {
        Scope(project: PlainName(project), stage: PlainName("dev"), service: PlainName(service))
    }

    private static let carts = scope("carts")

    @Test("Who waits gets the slot in order of arrival, urgent ones first")
    func order() async throws {
        let scheduler = Scheduler(limit: 1)
        let ran = Collected<UInt64>()
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await scheduler.enter(Self.carts, Priority(isUrgent: false, sequence: 0)).withSlot {
                    start.yield()
                    for await _ in gate { break }
                }
            }
            for await _ in started { break }
            for (sequence, isUrgent) in [(3, false), (1, false), (4, true), (2, false), (5, true)] {
                let place = scheduler.enter(Self.carts, Priority(isUrgent: isUrgent, sequence: UInt64(sequence)))
                group.addTask { try await place.withSlot { ran.append(UInt64(sequence)) } }
            }
            while scheduler.waiting < 5 { await Task.yield() }
            open.yield()
            try await group.waitForAll()
        }
        #expect(ran.values == [4, 5, 1, 2, 3])
    }

    @Test("With a limit of one per service, runs of a service follow the order of acceptance, whenever they are ready")
    func strictOrder() async throws {
        let scheduler = Scheduler(limit: 10) { _ in RunLimits(perService: 1) }
        let ran = Collected<UInt64>()
        let other = Collected<UInt64>()
        let places = (0..<5).map { scheduler.enter(Self.carts, Priority(isUrgent: false, sequence: UInt64($0))) }
        let atOnce = Collected<Int>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            // The first one has nothing to run in the end; the last ones are ready first.
            for number in [4, 3, 2, 1] {
                group.addTask {
                    try await places[number].withSlot {
                        atOnce.append(scheduler.running)
                        ran.append(UInt64(number))
                        await Task.yield()
                    }
                }
                while scheduler.waiting < 5 - number { await Task.yield() }
            }
            #expect(ran.values == [])
            // Nobody else waits for that.
            try await scheduler.enter(Self.scope("orders"), Priority(isUrgent: false, sequence: 9)).withSlot { other.append(9) }
            #expect(other.values == [9])
            places[0].leave()
            try await group.waitForAll()
        }
        #expect(ran.values == [1, 2, 3, 4])
        #expect(atOnce.values == [1, 1, 1, 1])
    }

    @Test("A project's limit holds up no other project")
    func projectLimit() async throws {
        let scheduler = Scheduler(limit: 10) { RunLimits(perProject: $0.project?.text == "shop" ? 1 : nil) }
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let ran = Collected<UInt64>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<3 {
                let place = scheduler.enter(Self.scope("service-\(number)"), Priority(isUrgent: false, sequence: UInt64(number)))
                group.addTask {
                    try await place.withSlot {
                        if number == 0 { for await _ in gate { break } }
                        ran.append(UInt64(number))
                    }
                }
                while scheduler.running + scheduler.waiting <= number { await Task.yield() }
            }
            let other = scheduler.enter(Self.scope("carts", project: "bank"), Priority(isUrgent: false, sequence: 7))
            try await other.withSlot { ran.append(7) }
            #expect(ran.values == [7])
            #expect(scheduler.running == 1)
            open.yield()
            try await group.waitForAll()
        }
        #expect(ran.values == [7, 0, 1, 2])
    }

    @Test("A cancelled waiter leaves, and its place does not cost a slot")
    func cancellation() async throws {
        let scheduler = Scheduler(limit: 1)
        try await scheduler.enter(Self.carts, Priority(isUrgent: false, sequence: 0)).withSlot {
            let place = scheduler.enter(Self.carts, Priority(isUrgent: true, sequence: 1))
            let waiter = Task { try await place.withSlot {} }
            while scheduler.waiting < 1 { await Task.yield() }
            waiter.cancel()
            await #expect(throws: CancellationError.self) { try await waiter.value }
        }
        try await scheduler.enter(Self.carts, Priority(isUrgent: false, sequence: 2)).withSlot {}
        #expect(scheduler.waiting == 0)
    }

    @Test("A body that throws gives its slot back")
    func failure() async throws {
        struct Failure: Error {}
        let scheduler = Scheduler(limit: 1)
        await #expect(throws: Failure.self) {
            try await scheduler.enter(Self.carts, Priority(isUrgent: false, sequence: 0)).withSlot { throw Failure() }
        }
        try await scheduler.enter(Self.carts, Priority(isUrgent: false, sequence: 1)).withSlot {}
    }
}
