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

    @Test("Seed: the sample action.finished event, field by field")
    func actionFinished() async throws {
        let script = """
            import os
            import sys
            print("This is my poweroutage handler script and I got passed " + sys.argv[1] + " as parameter")
            print("I also have some env variables, e.g: PID=" + os.getenv('PID', "") + ", CONTEXT=" + os.getenv('CONTEXT', ""))
            print("SOURCE=" + os.getenv('SOURCE',""))
            print("PROJECT=" + os.getenv('PROJECT',""))
            print("PROBLEMTITLE=" + os.getenv('PROBLEMTITLE',""))
            print("And here is the message that was passed as part of the remediation action definition :" + os.getenv("VALUE_MESSAGE", ""))
            """
        try await repository.commit(["genericexecutor/action.triggered.poweroutageaction.py": .file(Array(script.utf8))])
        let service = try await start()
        let url = "https://abc1234.live.dynatrace.com/#problems/problemdetails;pid=-6665700014152199021_1606338043710V2"
        let message = "Please make sure nobody dripped on a cable!"
        let event = KeptnEvent.v07(
            "sh.keptn.event.action.triggered",
            data: [
                "action": ["name": "Handle Power Outage", "action": "poweroutageaction", "value": ["Message": .string(message)]],
                "problem": ["PID": "-6665700014152199021", "ProblemTitle": "Simulated Power outage", "ProblemURL": .string(url)],
            ]
        )
        #expect(try await service.post(event).status == 202)
        let answers = try await recorder.wait(for: 2)
        #expect(answers.map(\.type) == ["sh.keptn.event.action.started", "sh.keptn.event.action.finished"])
        let finished = answers[1].structured
        #expect(finished["contenttype"] == "application/json")
        #expect(finished["source"] == "generic-executor-service")
        #expect(finished["specversion"] == "0.2")
        #expect(finished["shkeptncontext"] == "2d363636-3537-4030-b031-343135323139")
        #expect(finished["id"]?.string?.count == 36)
        #expect(finished["time"]?.string?.hasSuffix("Z") == true)
        let data = try #require(finished["data"]?.object)
        #expect(data["project"] == "sockshop" && data["stage"] == "dev" && data["service"] == "carts")
        #expect(data["labels"]?["Problem URL"] == .string(url))
        #expect(data["labels"]?["poweroutageaction"] == "action.triggered.poweroutageaction.py")
        #expect(data["action"]?["result"] == "pass")
        let status = try #require(data["action"]?["status"]?.string)
        let lines = status.split(separator: "\n")
        #expect(lines[0].hasSuffix("/6187a43a-7112-4cd8-a4d1-1dcc3b5d11c1.event.json as parameter"))
        let context = "2d363636-3537-4030-b031-343135323139"
        #expect(lines[1] == "I also have some env variables, e.g: PID=-6665700014152199021, CONTEXT=\(context)")
        #expect(lines[2...4] == ["SOURCE=remediation-service", "PROJECT=sockshop", "PROBLEMTITLE=Simulated Power outage"])
        #expect(lines[5] == "And here is the message that was passed as part of the remediation action definition :\(message)")
        #expect(try await service.stop() == 0)
    }

    @Test("Seed: event-specific files first, then all.events, each from the nearest level that has it")
    func threeLevels() async throws {
        try await repository.commit([
            "genericexecutor/all.events.http": "# no request here\n",
            "genericexecutor/configuration.change.sh": "echo project sh",
            "genericexecutor/configuration.change.py": "print('project py')",
        ])
        try await repository.commit(
            [
                "genericexecutor/all.events.py": "print('stage all')",
                "genericexecutor/configuration.change.sh": "echo stage sh",
                "genericexecutor/configuration.change.http": "",
                "carts/genericexecutor/all.events.sh": "echo service all",
                "carts/genericexecutor/configuration.change.py": "print('service py')",
            ],
            on: "dev"
        )
        let service = try await start()
        _ = try await service.post(KeptnEvent.v07("sh.keptn.event.configuration.change"))
        _ = await service.logEntry { $0["message"] == "run finished" }
        let ran = service.log.filter { $0["message"] == "file ran" }
        #expect(
            ran.map { $0["file"]?.string } == [
                "configuration.change.sh", "configuration.change.py", "all.events.sh", "all.events.py", "all.events.http",
            ]
        )
        #expect(ran.map { $0["level"]?.string } == ["stage", "service", "service", "stage", "project"])
        #expect(ran.prefix(4).map { $0["output"]?.string } == ["stage sh\n", "service py\n", "service all\n", "stage all\n"])
        #expect(ran[4]["reason"]?.string?.isEmpty == false)
        #expect(recorder.events.isEmpty)
        #expect(try await service.stop() == 0)
    }

    @Test("Seed: a script answers a configuration.change with a deployment-finished event")
    func followUp() async throws {
        let script =
            #"echo '{"type":"sh.keptn.events.deployment-finished","data":{"deploymentURIPublic":"http://x","labels":{"a":"b"}}}'"#
        try await repository.commit(["genericexecutor/configuration.change.sh": .file(Array(script.utf8))])
        let service = try await start()
        _ = try await service.post(KeptnEvent.v07("sh.keptn.event.configuration.change", data: ["labels": ["gitcommit": "abc"]]))
        let event = try await recorder.wait(for: 1)[0]
        #expect(event.type == "sh.keptn.events.deployment-finished")
        let data = try #require(event.dataObject)
        #expect(data["project"] == "sockshop" && data["stage"] == "dev" && data["service"] == "carts")
        #expect(data["deploymentURIPublic"] == "http://x")
        #expect(data["labels"]?["gitcommit"] == "abc" && data["labels"]?["a"] == "b")
        #expect(try await service.stop() == 0)
    }

    @Test(
        "Seed: without output the status of an action is succeeded or errored",
        arguments: [("exit 0", "pass", "succeeded"), ("exit 3", "fail", "errored"), ("echo why; exit 3", "fail", "why\n")]
    )
    func defaultStatus(script: String, result: String, status: String) async throws {
        try await repository.commit(["genericexecutor/action.triggered.x.sh": .file(Array(script.utf8))])
        let service = try await start()
        _ = try await service.post(KeptnEvent.v07("sh.keptn.event.action.triggered", data: ["action": ["action": "x"]]))
        let finished = try await recorder.wait(for: 2)[1]
        #expect(finished.dataObject?["action"]?["result"]?.string == result)
        #expect(finished.dataObject?["action"]?["status"]?.string == status)
        #expect(try await service.stop() == 0)
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
