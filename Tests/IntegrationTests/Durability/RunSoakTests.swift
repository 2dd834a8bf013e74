import Basics
import CloudEvents
import Curl
import ServerTestSupport
import TestSupport
import Testing

/// The built program through many runs. `SOAK_RUNS` says how many; `make soak-run` wants 20,000.
@Suite(.timeLimit(.minutes(Effort.runs / 500 + 5))) struct RunSoakTests {
    private static let atOnce = 16
    /// What the memory may grow by from a tenth of the runs to the end: the inbox alone remembers 20,000 events, some hundred bytes
    /// each; the rest is the allocator's.
    private static let growth = 24 << 20
    /// What the descriptors may grow by: of the two connections of a run that are kept, from sender and to receiver, some are closed and
    /// others opened all the time.
    private static let connections = 2 * atOnce
    /// Leaves behind what a script can leave: files, a directory that cannot be written, a child that holds its output open, and one
    /// in a session of its own.
    private static let script = """
        #!/bin/bash
        echo "run of $ID"
        mkdir -p left/over && touch left/over/file && chmod 500 left
        sleep 3600 &
        setsid sleep 3600 &
        """

    @Test("Run by run, descriptors and memory stay bounded, and neither processes nor directories are left over")
    func runByRun() async throws {
        let fixture = try await ProjectFixture()
        try await fixture.commit(["genericexecutor/test.triggered.sh": .file(Array(Self.script.utf8))])
        let data = try TemporaryDirectory()
        // The argument tells the process from others.
        let argument = "DATA_DIRECTORY=\(data.path)"
        let service = try await fixture.start([:], arguments: ["--set", argument], limit: .seconds(60 * (Effort.runs / 500 + 5)))
        let process = try #require(ProcessUse.process(with: argument))

        /// Posts the events of these numbers at once, and waits until all are answered.
        func run(_ numbers: Range<Int>) async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in numbers {
                    group.addTask {
                        let event = KeptnEvent.v08(
                            "sh.keptn.event.test.triggered",
                            id: "event-\(number)",
                            context: "context-\(number)"
                        )
                        let status = try await service.post(event).status
                        guard status == 202 else { throw ServiceFailure(description: "event \(number) was answered \(status)") }
                    }
                }
                try await group.waitForAll()
            }
            try await fixture.keptn.wait(for: 2 * numbers.upperBound)
        }

        var early: ProcessUse?
        for first in stride(from: 0, to: Effort.runs, by: Self.atOnce) {
            try await run(first..<min(first + Self.atOnce, Effort.runs))
            if early == nil, first >= Effort.runs / 10 { early = ProcessUse(of: process) }
        }
        // An answer may be on its way before the last of its run is tidied up.
        let runs = data.path + "/runs"
        try await waitUntil { try Files.list(runs).isEmpty && ProcessUse.children(of: process).isEmpty }
        let late = ProcessUse(of: process)

        let finished = fixture.keptn.events.filter { $0.type.hasSuffix(".finished") }
        #expect(Set(finished.compactMap { $0.extensionText("triggeredid") }).count == Effort.runs)
        let failed = finished.filter { $0.dataObject?["result"] != "pass" }
        #expect(failed.isEmpty, "the first of \(failed.count): \(failed.first.map { "\($0)" } ?? "")")
        #expect(ProcessUse.processes(in: data.path) == [])
        if let early, let late {
            print(
                "\(Effort.runs) runs; descriptors \(early.descriptors), then \(late.descriptors);",
                "memory \(ByteCount.text(early.memory)), then \(ByteCount.text(late.memory))"
            )
            #expect(late.descriptors - early.descriptors <= Self.connections)
            #expect(late.memory - early.memory <= Self.growth)
        } else {
            print("descriptors and memory were not compared: the kernel does not show them")
        }
        #expect(try await service.stop() == 0)
    }
}
