import Basics
import CloudEvents
import Curl
import ServerTestSupport
import TestSupport
import Testing

/// The built program when many more events come than may run at once. `QUEUE_EVENTS` says how many; `make soak-queue` wants 2,000.
@Suite(.timeLimit(.minutes(Effort.events / 200 + 5))) struct QueueSoakTests {
    private static let isLong = Effort.events >= 2_000
    private static let limit = isLong ? 64 : 16
    private static let senders = 64
    /// What may be resident at any time in the long form, and what the short one may add to what the service has at its start.
    private static let memory = 120 << 20
    private static let growth = 48 << 20
    /// Those of the work that blocks, of the servers and of the runtime: none of them depends on how many events wait.
    private static let threads = 64

    @Test("However many events come, the limit holds, threads and memory stay bounded, and each is answered once")
    func manyAtOnce() async throws {
        let count = Effort.events
        let fixture = try await ProjectFixture()
        try await fixture.commit(["genericexecutor/test.triggered.sh": .file(Array("sleep \(Self.isLong ? 3 : 1)\n".utf8))])
        let data = try TemporaryDirectory()
        // The argument tells the process from others.
        let argument = "DATA_DIRECTORY=\(data.path)"
        let service = try await fixture.start(["SCRIPT_CONCURRENCY": "\(Self.limit)"], arguments: ["--set", argument])
        let process = try #require(ProcessUse.process(with: argument))
        let idle = ProcessUse(of: process)
        let watch = ProcessWatch(of: process)

        let start = ContinuousClock.now
        try await watch.watch {
            try await Self.send(count, to: service)
            #expect(try await Self.metrics(of: service).contains(#"ges_events_total{outcome="accepted"} \#(count)"#))
            try await fixture.keptn.wait(for: 2 * count)
        }
        let seconds = (ContinuousClock.now - start).seconds
        // An answer may be on its way before its run is counted.
        try await waitUntil { try await Self.metrics(of: service).contains(#"ges_runs_total{result="pass"} \#(count)"#) }
        let late = ProcessUse(of: process)

        let metrics = try await Self.metrics(of: service)
        for line in ["ges_queue_seconds_count \(count)", "ges_queue_depth 0", "ges_running 0"] {
            #expect(metrics.contains(line), "\(line)")
        }
        let ids = (0..<count).map { "event-\($0)" }.sorted()
        for kind in [".started", ".finished"] {
            let answers = fixture.keptn.events.filter { $0.type.hasSuffix(kind) }
            #expect(answers.compactMap { $0.extensionText("triggeredid") }.sorted() == ids, "\(kind)")
        }
        let failed = fixture.keptn.events.filter { $0.type.hasSuffix(".finished") && $0.dataObject?["result"] != "pass" }
        #expect(failed.isEmpty, "the first of \(failed.count): \(failed.first.map { "\($0)" } ?? "")")

        print(
            "\(count) events in \(seconds) s, \(Self.limit) at once; at most \(watch.mostChildren) children in \(watch.looks) looks"
        )
        #expect(watch.mostChildren <= Self.limit)
        // Else nothing was seen.
        #expect(watch.mostChildren > Self.limit / 2)
        if let idle, let late {
            print(
                "threads \(idle.threads), at most \(watch.mostThreads), then \(late.threads);",
                "memory \(ByteCount.text(idle.memory)), at most \(ByteCount.text(late.peakMemory)), then \(ByteCount.text(late.memory))"
            )
            #expect(watch.mostThreads <= Self.threads)
            if Self.isLong {
                #expect(late.peakMemory <= Self.memory)
            } else {
                #expect(late.peakMemory - idle.memory <= Self.growth)
            }
        } else {
            print("threads and memory were not compared: the kernel does not show them")
        }
        #expect(try await service.stop() == 0)
    }

    /// Posts so many events, some at a time: the first ones may run while the last ones come.
    private static func send(_ count: Int, to service: ServiceProcess) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for sender in 0..<senders {
                group.addTask {
                    for number in stride(from: sender, to: count, by: senders) {
                        let (id, context) = ("event-\(number)", "context-\(number)")
                        let event = KeptnEvent.v08("sh.keptn.event.test.triggered", id: id, context: context)
                        let status = try await service.post(event).status
                        guard status == 202 else { throw ServiceFailure(description: "\(id) was answered \(status)") }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private static func metrics(of service: ServiceProcess) async throws -> Set<String> {
        let body = try await service.admin("GET", "/metrics").body
        return Set(String(decoding: body, as: UTF8.self).split(separator: "\n").map(String.init))
    }
}
