import CloudEvents
import Curl
import ServerTestSupport
import TestSupport
import Testing

/// Events of both eras through the built program, with a bare repository beside it and a receiver for its answers.
@Suite(.timeLimit(.minutes(2))) struct EndToEndTests {
    let directory: TemporaryDirectory
    let repository: BareRepository
    let recorder: EventRecorder

    init() async throws {
        directory = try TemporaryDirectory()
        repository = try await BareRepository(at: directory.path + "/sockshop.git")
        try await repository.commit(["shipyard.yaml": "a: b\n"])
        try await repository.commit(["shipyard.yaml": "a: b\n"], on: "dev")
        recorder = try await EventRecorder.start()
    }

    private func start(_ settings: [String: String] = [:]) async throws -> ServiceProcess {
        let base = ["GIT_REMOTE": directory.path + "/{project}.git", "EVENTBROKER": recorder.url]
        return try await ServiceProcess.start(base.merging(settings) { _, new in new })
    }

    @Test("0.8: a task is started and finished, with what the script wrote to its file")
    func task() async throws {
        let script = """
            #!/bin/sh
            echo "$DATA_PROJECT $DATA_TEST_TESTSTRATEGY $DATA_DEPLOYMENT_DEPLOYMENTURISPUBLIC_0"
            echo '{"start":"a","end":"b"}' > $ID.finished.event.json
            """
        try await repository.commit(["generic-executor/test.triggered.sh": .file(Array(script.utf8))])
        let service = try await start()
        let data: JSONObject = [
            "test": ["teststrategy": "functional"], "deployment": ["deploymentURIsPublic": ["http://carts"]],
            "labels": ["a": "b", "executor.old": "x"],
        ]
        _ = try await service.post(KeptnEvent.v08("sh.keptn.event.test.triggered", data: data))
        let answers = try await recorder.wait(for: 2)
        #expect(answers.map(\.type) == ["sh.keptn.event.test.started", "sh.keptn.event.test.finished"])
        for answer in answers {
            #expect(answer.specVersion == .v1_0)
            #expect(answer.extensions["triggeredid"] == "f2b878d3-03c0-4e8f-bc3f-454bc1b3d79d")
            #expect(answer.extensions["shkeptncontext"] == "08735340-6f9e-4b32-97ff-3b6c292bc509")
            #expect(answer.extensions["shkeptnspecversion"] == "0.2.1")
        }
        let finished = try #require(answers[1].dataObject)
        #expect(finished["status"] == "succeeded" && finished["result"] == "pass")
        #expect(finished["message"] == "sockshop functional http://carts\n")
        #expect(finished["test"] == ["start": "a", "end": "b"])
        let tip = try await repository.git("rev-parse", "main")
        #expect(finished["labels"] == ["a": "b", "executor.commit": .string(tip), "executor.script": "test.triggered.sh"])
        #expect(try await service.stop() == 0)
    }

    @Test("With EVENT_MAX_AGE an event that was old when it came is recorded and not run")
    func tooOld() async throws {
        try await repository.commit(["genericexecutor/test.triggered.sh": "echo run"])
        let service = try await start(["EVENT_MAX_AGE": "1h"])
        let old = KeptnEvent.v08("sh.keptn.event.test.triggered", id: "old")
        #expect(try await service.post(old).status == 202)
        let entry = await service.logEntry { $0["event.id"] == "old" && $0["message"] == "nothing to run" }
        #expect(entry?["reason"]?.string?.contains("more than EVENT_MAX_AGE allows") == true)
        var fresh = KeptnEvent.v08("sh.keptn.event.test.triggered", id: "fresh").object ?? [:]
        fresh["time"] = .string(Timestamp.now().text)
        #expect(try await service.post(.object(fresh)).status == 202)
        #expect(try await recorder.wait(for: 2).allSatisfy { $0.extensions["triggeredid"] == "fresh" })
        #expect(try await service.stop() == 0)
    }

    @Test("The same event again is known, runs nothing, and has the run of the first time")
    func twice() async throws {
        try await repository.commit(["genericexecutor/test.triggered.sh": "echo once"])
        let service = try await start()
        let event = KeptnEvent.v08("sh.keptn.event.test.triggered")
        let first = try await service.post(event)
        let second = try await service.post(event)
        #expect(first.status == 202 && second.status == 200 && first.body == second.body)
        try await recorder.wait(for: 2)
        #expect(try await service.stop() == 0)
        #expect(service.log.filter { $0["message"] == "file ran" }.count == 1)
    }

    @Test("all.events alone is run and answers nothing; ANSWER_ALL_EVENTS brings the old way back", arguments: [false, true])
    func allEventsAlone(answers: Bool) async throws {
        try await repository.commit(["genericexecutor/all.events.sh": "echo all"])
        let service = try await start(["ANSWER_ALL_EVENTS": "\(answers)"])
        _ = try await service.post(KeptnEvent.v08("sh.keptn.event.test.triggered"))
        _ = await service.logEntry { $0["message"] == "run finished" }
        #expect(try await service.stop() == 0)
        #expect(recorder.events.count == (answers ? 2 : 0))
    }

    @Test("A pushed change runs with the next event, and a removed script no more")
    func push() async throws {
        try await repository.commit(["genericexecutor/test.triggered.sh": "echo one"])
        let service = try await start()
        for (number, change) in [nil, BareRepository.Change.file(Array("echo two".utf8)), .removed].enumerated() {
            if let change { try await repository.commit(["genericexecutor/test.triggered.sh": change]) }
            _ = try await service.post(KeptnEvent.v08("sh.keptn.event.test.triggered", id: "\(number)"))
            _ = await service.logEntry { entry in
                entry["event.id"]?.string == "\(number)" && ["run finished", "nothing to run"].contains(entry["message"]?.string)
            }
        }
        #expect(service.log.compactMap { $0["message"] == "file ran" ? $0["output"]?.string : nil } == ["one\n", "two\n"])
        #expect(try await service.stop() == 0)
    }

    @Test("A follow-up that comes back runs its scripts; the chain is cut after eight")
    func chain() async throws {
        // Each tests-finished makes another one, as in 0.3, where this never ended.
        let script = #"echo '{"type":"sh.keptn.events.tests-finished","data":{"result":"pass"}}'"#
        try await repository.commit(["genericexecutor/tests.finished.sh": .file(Array(script.utf8))])
        let service = try await start()
        _ = try await service.post(KeptnEvent.v07("sh.keptn.events.tests-finished"))
        var sent = 0
        while sent < 8 {
            let events = try await recorder.wait(for: sent + 1)
            sent += 1
            _ = try await service.post(events[sent - 1].raw)
        }
        let cut = await service.logEntry { $0["warning"]?.string?.contains("chain") == true }
        #expect(cut != nil)
        #expect(try await service.stop() == 0)
        #expect(recorder.events.count == 8)
    }
}
