import Basics
import CloudEvents
import Curl
import ServerTestSupport
import TestSupport
import Testing

/// The built program through many commits, pushed and refreshed one by one. `SOAK_COMMITS` says how many; `make soak-git` wants
/// 10,000.
@Suite(.timeLimit(.minutes(Effort.commits / 100 + 5))) struct SoakTests {
    /// The most packs that a clone may have: it is made anew beyond 50, while commits may go on.
    private static let packs = 60
    /// What the memory may grow by from a tenth of the commits to the end. The inbox alone remembers 20,000 events, some
    /// hundred bytes each; the rest is the allocator's.
    private static let growth = 24 << 20
    private static let script = "carts/genericexecutor/test.triggered.sh"

    /// Whether an answer is the second and last one to an event.
    private static func isFinal(_ answer: CloudEvent, of number: Int) -> Bool {
        answer.type.hasSuffix(".finished") && answer.extensionText("triggeredid") == "\(number)"
    }

    @Test("Refreshed commit by commit, disk, descriptors and memory stay bounded, and each event runs the newest")
    func commitByCommit() async throws {
        let count = Effort.commits
        let server = try GitHTTPServer()
        let repository = try await BareRepository(at: server.repository("sockshop"))
        try await repository.commit(["genericexecutor/other.sh": "echo other"])
        let committer = try FastCommitter(repository)
        let keptn = try await EventRecorder.start()
        let data = try TemporaryDirectory()
        // The argument tells the process from others.
        let argument = "DATA_DIRECTORY=\(data.path)"
        let service = try await ServiceProcess.start(
            ["GIT_REMOTE": server.http("/public/{project}.git"), "GIT_ON_FAILURE": "fail", "EVENTBROKER": keptn.url],
            arguments: ["--set", argument],
            limit: .seconds(60 * (count / 100 + 5))
        )
        let process = try #require(ProcessUse.process(with: argument))
        let project = "\(service.directory.path)/cache/sockshop"
        let clone = CloneOnDisk(path: "\(project)/repository.git")

        /// Pushes commit `number`, posts an event and compares what ran.
        func step(_ number: Int) async throws {
            let commit = try await committer.commit(
                [Self.script: ProjectFixture.file(Self.script, saying: "\(number)")],
                on: "dev"
            )
            let event = KeptnEvent.v08("sh.keptn.event.test.triggered", id: "\(number)")
            #expect(try await service.post(event).status == 202)
            let answers = try await keptn.wait { $0.suffix(4).contains { Self.isFinal($0, of: number) } }
            guard answers.count == 2 * number, let answer = answers.last, Self.isFinal(answer, of: number) else {
                let types = answers.suffix(6).map { "\($0.type) of \($0.extensionText("triggeredid") ?? "nothing")" }
                throw ServiceFailure(description: "after commit \(number) came \(answers.count) answers, the last ones: \(types)")
            }
            let message = answer.dataObject?["message"]?.string ?? "nothing"
            let label = answer.dataObject?["labels"]?["executor.commit"]?.string ?? "none"
            guard message.hasSuffix("\(number)\n"), !label.isEmpty, commit.hasPrefix(label) else {
                throw ServiceFailure(description: "after commit \(number), \(commit), ran \(label), which said '\(message)'")
            }
        }

        try await step(1)
        let fresh = DiskUse.bytes(of: project)
        let limit = 4 * fresh + 32 << 20
        let disk = DiskUse(of: project)
        var early: ProcessUse?
        var mostPacks = 0
        try await disk.watch {
            for number in 2...count {
                try await step(number)
                if number == count / 10 { early = ProcessUse(of: process) }
                mostPacks = max(mostPacks, clone.packs)
                if number % max(1, count / 10) == 0 {
                    #expect(await clone.damage() == "", "after commit \(number)")
                    #expect(disk.most <= limit, "after commit \(number)")
                }
            }
        }
        let late = ProcessUse(of: process)
        print(
            "\(count) commits; fresh clone \(ByteCount.text(fresh)), most \(ByteCount.text(disk.most)) of \(ByteCount.text(limit)) in",
            "\(disk.looks) looks; at most \(mostPacks) packs"
        )
        #expect(disk.most <= limit)
        #expect(mostPacks <= Self.packs)
        if let early, let late {
            print(
                "descriptors \(early.descriptors), then \(late.descriptors);",
                "memory \(ByteCount.text(early.memory)), then \(ByteCount.text(late.memory))"
            )
            #expect(abs(late.descriptors - early.descriptors) <= 5)
            #expect(late.memory - early.memory <= Self.growth)
        } else {
            print("descriptors and memory were not compared: the kernel does not show them")
        }
        #expect(try await service.stop() == 0)
        #expect(await clone.damage() == "")
        #expect(try Leftovers.find(in: "\(service.directory.path)/cache") == [])
    }
}
