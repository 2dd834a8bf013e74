import Basics
import CloudEvents
import ServerTestSupport
import TestSupport
import Testing

/// A script that prints without end costs what its limit says, and no more. `FLOOD_MEGABYTES` says how much it prints; `make soak-flood`
/// wants 500.
@Suite(.timeLimit(.minutes(10))) struct FloodTests {
    /// What the service may hold more than when it is idle.
    private static let growth = 40 << 20

    @Test("A flood of output is kept at both ends, and held in constant memory")
    func flood() async throws {
        let fixture = try await ProjectFixture()
        let script = """
            echo begin
            head -c \(Effort.megabytes << 20) /dev/zero | tr '\\0' x | fold -w 99
            echo error >&2
            echo; echo end
            """
        try await fixture.commit([
            "genericexecutor/test.triggered.sh": .file(Array(script.utf8)),
            "genericexecutor/warm.triggered.sh": .file(Array("echo warm".utf8)),
        ])
        let data = try TemporaryDirectory()
        let argument = "DATA_DIRECTORY=\(data.path)"
        let service = try await fixture.start([:], arguments: ["--set", argument], limit: .seconds(600))
        let process = try #require(ProcessUse.process(with: argument))
        _ = try await service.post(KeptnEvent.v08("sh.keptn.event.warm.triggered", id: "warm", context: "warm"))
        try await fixture.keptn.wait(for: 2)
        let idle = ProcessUse(of: process)
        _ = try await service.post(KeptnEvent.v08("sh.keptn.event.test.triggered", id: "flood", context: "flood"))
        try await fixture.keptn.wait(for: 4)
        let late = ProcessUse(of: process)

        let message = try #require(fixture.keptn.events.last?.dataObject?["message"]?.string)
        #expect(message.hasPrefix("begin\nxxx"))
        #expect(message.contains("\nend\n"))
        #expect(message.contains("bytes left out ...]"))
        if let idle, let late {
            print(
                "\(Effort.megabytes) MB of output; memory \(ByteCount.text(idle.memory)), then at most \(ByteCount.text(late.peakMemory))"
            )
            #expect(late.peakMemory - idle.memory <= Self.growth)
        } else {
            print("memory was not compared: the kernel does not show it")
        }
        #expect(try Files.list(data.path + "/runs").isEmpty)
        #expect(try await service.stop() == 0)
    }
}
