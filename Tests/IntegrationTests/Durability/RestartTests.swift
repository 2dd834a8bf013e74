import Basics
import CloudEvents
import Curl
import Glibc
import ServerTestSupport
import TestSupport
import Testing

/// The built program, killed while it has work, and started again on the same data.
@Suite(.timeLimit(.minutes(2))) struct RestartTests {
    private static let type = "sh.keptn.event.test.triggered"

    let project: ProjectFixture
    private var directory: String { project.directory.path }
    private var marks: [String] {
        String(decoding: (try? Files.read(directory + "/marks")) ?? [], as: UTF8.self).split(separator: "\n").map(String.init)
    }

    init() async throws { project = try await ProjectFixture() }

    /// A script that notes the event and, the first time, waits to be killed together with what it has started.
    private func script(_ comment: String = "") -> BareRepository.Change {
        let text = """
            #!/bin/bash
            \(comment)
            echo "$ID" >>'\(directory)/marks'
            [ -e '\(directory)/second' ] && exit 0
            (trap '' HUP TERM; sleep 600 & echo $! >'\(directory)/child'; wait) &
            echo $PPID >'\(directory)/new'; mv '\(directory)/new' '\(directory)/pid'
            sleep 600
            """
        return .file(Array(text.utf8))
    }

    private func post(_ ids: [String], to service: ServiceProcess, service name: String = "carts") async throws {
        for id in ids {
            let response = try await service.post(KeptnEvent.v08(Self.type, id: id, context: id))
            #expect(response.status == 202)
        }
    }

    /// Kills the service once its first script runs; what runs from then on, runs to its end.
    private func kill(_ service: ServiceProcess) async throws {
        try await waitUntil { Files.exists(directory + "/pid") && Files.size(directory + "/child") > 0 }
        let pid = try #require(pid_t(String(decoding: try Files.read(directory + "/pid"), as: UTF8.self).dropLast()))
        try #require(Glibc.kill(pid, SIGKILL) == 0)
        _ = try await service.ended()
        try project.directory.write("", to: "second")
    }

    /// Zombies are not: whoever has adopted them has not looked yet.
    private static func isAlive(_ process: pid_t) -> Bool {
        guard let stat = try? Files.read("/proc/\(process)/stat") else { return false }
        return String(decoding: stat, as: UTF8.self).split(separator: ")").last?.hasPrefix(" Z") == false
    }

    /// What Keptn has, each event once: a kill between its 200 and our note of it lets one go twice, with the same id.
    private var answers: [CloudEvent] {
        var known: Set<String> = []
        return project.keptn.events.filter { known.insert($0.id).inserted }
    }

    private func finished(_ id: String) -> [JSONObject] {
        answers.filter { $0.type.hasSuffix(".finished") && $0.extensionText("triggeredid") == id }
            .compactMap(\.dataObject)
    }

    private func settled(_ count: Int) async throws {
        try await project.keptn.wait { events in Set(events.filter { $0.type.hasSuffix(".finished") }.map(\.id)).count >= count }
    }

    @Test("What ran is answered as interrupted, what waited runs; nobody is told twice, and nothing of before is left running")
    func interrupted() async throws {
        try await project.commit(["genericexecutor/test.triggered.sh": script()])
        let settings = ["SCRIPT_CONCURRENCY": "1"]
        let service = try await project.start(settings)
        try await post(["a", "b", "c"], to: service)
        // Each is started before any waits for its slot.
        try await project.keptn.wait(for: 3)
        try await kill(service)
        let child = try #require(pid_t(String(decoding: try Files.read(directory + "/child"), as: UTF8.self).dropLast()))

        let next = try await project.start(settings, in: service.directory)
        try await settled(3)
        #expect(!Self.isAlive(child))
        #expect(answers.count { $0.type.hasSuffix(".started") } == 3)
        // Which one has a slot first is not told by the order of arrival alone.
        let first = try #require(marks.first)
        #expect(finished(first).map { $0["message"] } == ["errored: interrupted by a restart"])
        #expect(finished(first).map { $0["status"] } == ["errored"])
        #expect(["a", "b", "c"].filter { $0 != first }.flatMap(finished).map { $0["result"] } == ["pass", "pass"])
        #expect(marks.sorted() == ["a", "b", "c"])
        // It is known which events came.
        #expect(try await next.post(KeptnEvent.v08(Self.type, id: "a", context: "a")).status == 200)
        #expect(try await next.stop() == 0)
        #expect(answers.count == 6)
    }

    @Test("A script that asks for it is run again, and answered once")
    func runsAgain() async throws {
        try await project.commit(["genericexecutor/test.triggered.sh": script("# ges: rerun-on-restart")])
        let service = try await project.start()
        try await post(["a"], to: service)
        try await kill(service)
        let next = try await project.start(in: service.directory)
        try await settled(1)
        #expect(finished("a").map { $0["result"] } == ["pass"])
        #expect(marks == ["a", "a"])
        #expect(try await next.stop() == 0)
        #expect(answers.count == 2)
    }

    @Test("Neither a repository that is gone nor a script that was removed keeps a started from its finished")
    func withoutScripts() async throws {
        try await project.commit(["genericexecutor/test.triggered.sh": script()])
        let settings = ["SCRIPT_CONCURRENCY": "1"]
        let service = try await project.start(settings)
        try await post(["a", "b"], to: service)
        try await project.keptn.wait(for: 2)
        try await kill(service)
        try #require(rename(project.repository.path, project.repository.path + ".away") == 0)
        let second = try await project.start(settings.merging(["GIT_ON_FAILURE": "fail"]) { $1 }, in: service.directory)
        try await settled(2)
        let first = try #require(marks.first)
        let other = first == "a" ? "b" : "a"
        #expect(finished(first).map { $0["message"] } == ["errored: interrupted by a restart"])
        #expect(finished(other).map { $0["status"] } == ["errored"])
        #expect(finished(other).first?["message"]?.string?.contains("sockshop.git") == true)
        #expect(try await second.stop() == 0)
        #expect(marks == [first])
        #expect(answers.count == 4)
    }

    @Test("A script that was removed while its event waited ends the event with a sentence")
    func removedScript() async throws {
        try await project.commit(["genericexecutor/test.triggered.sh": script(), "genericexecutor/all.events.sh": "true"])
        let service = try await project.start(["SCRIPT_CONCURRENCY": "1"])
        try await post(["a", "b"], to: service)
        try await project.keptn.wait(for: 2)
        try await kill(service)
        try await project.commit(["genericexecutor/test.triggered.sh": .removed])
        let next = try await project.start(in: service.directory)
        try await settled(2)
        let other = marks.first == "a" ? "b" : "a"
        #expect(finished(other).map { $0["status"] } == ["errored"])
        #expect(finished(other).first?["message"]?.string?.contains("removed while the event waited") == true)
        #expect(try await next.stop() == 0)
        #expect(answers.count == 4)
    }

    @Test("Answers that the receiver did not take are sent by the next start, in order")
    func receiverThatWasDown() async throws {
        try await project.commit(["genericexecutor/test.triggered.sh": "echo $ID"])
        let service = try await project.start(["EVENTBROKER": "http://127.0.0.1:1/"])
        try await post(["a", "b"], to: service)
        for id in ["a", "b"] {
            _ = await service.logEntry { $0["event.id"]?.string == id && $0["message"] == "run finished" }
        }
        #expect(try await service.stop() == 0)
        let next = try await project.start(in: service.directory)
        let events = try await project.keptn.wait(for: 4)
        for id in ["a", "b"] {
            #expect(
                events.filter { $0.extensionText("triggeredid") == id }.map { $0.type.split(separator: ".").last } == [
                    "started", "finished",
                ]
            )
        }
        #expect(try await next.stop() == 0)
    }

    @Test("The order of a strict line outlives a restart")
    func order() async throws {
        try await project.commit(["genericexecutor/test.triggered.sh": script()])
        let settings = ["SCRIPT_CONCURRENCY_PER_SERVICE": "1"]
        let service = try await project.start(settings)
        let ids = (0..<30).map { "event-\($0)" }
        try await post(ids, to: service)
        try await kill(service)
        let next = try await project.start(settings, in: service.directory)
        try await settled(ids.count)
        #expect(marks == ids)
        #expect(try await next.stop() == 0)
    }
}
