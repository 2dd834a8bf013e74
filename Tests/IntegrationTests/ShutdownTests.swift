import CloudEvents
import Curl
import ServerTestSupport
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct ShutdownTests {
    let directory: TemporaryDirectory
    let repository: BareRepository
    let recorder: EventRecorder

    init() async throws {
        directory = try TemporaryDirectory()
        repository = try await BareRepository(at: directory.path + "/sockshop.git")
        recorder = try await EventRecorder.start()
    }

    @Test("SIGTERM lets the work in hand end, the waiting one too, and answers it")
    func workInHand() async throws {
        try await repository.commit(["genericexecutor/test.triggered.sh": "echo begun >&2; sleep 1; echo done"])
        let service = try await ServiceProcess.start([
            "GIT_REMOTE": repository.path, "EVENTBROKER": recorder.url, "SCRIPT_CONCURRENCY": "1",
        ])
        for id in ["a", "b"] { _ = try await service.post(KeptnEvent.v08("sh.keptn.event.test.triggered", id: id, context: id)) }
        // Both are started at once: that never waits for a slot.
        try await recorder.wait(for: 2)
        #expect(try await service.stop() == 0)
        let finished = recorder.events.filter { $0.type == "sh.keptn.event.test.finished" }
        #expect(finished.map { $0.dataObject?["result"] } == ["pass", "pass"])
    }

    @Test("What does not end in time is stopped, and answered all the same")
    func timeout() async throws {
        try await repository.commit(["genericexecutor/test.triggered.sh": "echo begun; sleep 600"])
        let service = try await ServiceProcess.start([
            "GIT_REMOTE": repository.path, "EVENTBROKER": recorder.url, "SCRIPT_CONCURRENCY": "1", "SHUTDOWN_TIMEOUT": "200ms",
        ])
        for id in ["a", "b"] { _ = try await service.post(KeptnEvent.v08("sh.keptn.event.test.triggered", id: id, context: id)) }
        try await recorder.wait(for: 2)
        #expect(try await service.stop() == 0)
        let finished = recorder.events.filter { $0.type == "sh.keptn.event.test.finished" }
        #expect(finished.count == 2)
        #expect(finished.allSatisfy { $0.dataObject?["result"] == "fail" && $0.dataObject?["message"]?.string?.isEmpty == false })
    }

    @Test("A port that is taken and a setting that is wrong end with a sentence and their status")
    func failures() async throws {
        let service = try await ServiceProcess.start(["GIT_REMOTE": repository.path])
        for (settings, status, part) in [
            (
                ["RCV_PORT": "\(service.port)"], "exited(1)",
                "cannot listen on 127.0.0.1 port \(service.port): Address already in use"
            ),
            (["RCV_PORT": "x"], "exited(2)", "RCV_PORT is 'x'; allowed: 0 to 65535"),
            (["CACHE_DIRECTORY": service.directory.path + "/cache"], "exited(1)", "another process uses it"),
            (["DATA_DIRECTORY": service.directory.path + "/data"], "exited(1)", "give each instance a DATA_DIRECTORY of its own"),
            (["DATA_DIRECTORY": "/proc/nothing"], "exited(1)", "let DATA_DIRECTORY name a directory"),
            (["CACHE_DIRECTORY": "/proc/nothing"], "exited(1)", "let CACHE_DIRECTORY name a directory"),
        ] {
            let failure = await #expect(throws: ServiceFailure.self) { try await ServiceProcess.start(settings) }
            let text = failure?.description ?? ""
            #expect(text.contains(status) && text.contains(part), "\(text)")
        }
        #expect(try await service.stop() == 0)
    }
}
