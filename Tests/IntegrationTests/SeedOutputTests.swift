import Basics
import CloudEvents
import ServerTestSupport
import TestSupport
import Testing

/// What the original's README (version 0.3, "Seed") promises about what scripts get and return, through the built program.
@Suite(.timeLimit(.minutes(2))) struct SeedOutputTests {
    @Test("Seed: what the sample all.events.sh prints is logged to the console")
    func console() async throws {
        let project = try await ProjectFixture()
        try await project.commit([
            "genericexecutor/all.events.sh": """
            #!/bin/bash
            # This is a script that will be executed by the Keptn Generic Executor Service for ANY event as the filename is called all.events.sh!
            # It will be called with a couple of enviornment variables that are filled with Keptn Event Details, Env-Variables from the Service container as well as labels
            echo "This is my all.events.sh script"
            echo "Context = $CONTEXT"
            echo "Project = $PROJECT"
            echo "Project = $PROJECT"
            echo "Service = $SERVICE"
            echo "Stage = $STAGE"
            echo "GitCommit = $LABEL_gitcommit"
            echo "TestToken = $ENV_TESTTOKEN"
            # Here i could do whatever I want with these values, e.g: call an external tool :-)
            """
        ])
        let service = try await project.start(["TESTTOKEN": "my-token"])
        let event = KeptnEvent.v07("sh.keptn.events.evaluation-done", data: ["labels": ["gitcommit": "c0ffee"]])
        #expect(
            try await service.filesRun(for: event).map { $0["output"]?.string } == [
                """
                This is my all.events.sh script
                Context = 2d363636-3537-4030-b031-343135323139
                Project = sockshop
                Project = sockshop
                Service = carts
                Stage = dev
                GitCommit = c0ffee
                TestToken = my-token

                """
            ]
        )
        #expect(try await service.stop() == 0)
    }

    @Test("Seed: the first argument is the name of a file with the whole event that came, byte for byte")
    func argument() async throws {
        let project = try await ProjectFixture()
        try await project.commit([
            "genericexecutor/tests.finished.sh": "cp \"$1\" $ENV_OUT/sh",
            "genericexecutor/tests.finished.py":
                "import os, shutil, sys; shutil.copy(sys.argv[1], os.environ['ENV_OUT'] + '/py')",
        ])
        let service = try await project.start(["OUT": project.directory.path])
        let event = KeptnEvent.v07("sh.keptn.events.tests-finished", data: ["result": "pass", "own": ["é": [1, .null]]])
        #expect(try await service.filesRun(for: event).count == 2)
        for kind in ["sh", "py"] {
            #expect(try Files.read("\(project.directory.path)/\(kind)") == Array(event.serialized()), "\(kind)")
        }
        #expect(try await service.stop() == 0)
    }

    @Test("Seed: python scripts have the module requests")
    func requests() async throws {
        let project = try await ProjectFixture()
        try await project.commit([
            "genericexecutor/configuration.change.py": """
            import os
            import requests
            answer = requests.post(os.environ['ENV_WEBHOOK'] + '/201', json={'service': os.environ['SERVICE']}, timeout=20)
            print(answer.status_code, answer.json()['service'])
            """
        ])
        let service = try await project.start()
        let ran = try await service.filesRun(for: KeptnEvent.v07("sh.keptn.event.configuration.change"))
        #expect(ran.map { $0["output"] } == ["201 carts\n"])
        #expect(try await service.stop() == 0)
    }

    @Test("Seed: {\"error\": \"errormessage\"} as output is an error with that message, whatever the kind of file")
    func errorDetails() async throws {
        let project = try await ProjectFixture()
        let error = "{\n\"error\" : \"errormessage\"\n}"
        try await project.commit([
            "genericexecutor/configuration.change.sh": .file(Array("cat <<END\n\(error)\nEND".utf8)),
            "genericexecutor/configuration.change.py": .file(Array("print('''\(error)''')".utf8)),
            "genericexecutor/configuration.change.http": .file(Array("POST $ENV_WEBHOOK/200\n\n\(error)".utf8)),
        ])
        let service = try await project.start()
        let ran = try await service.filesRun(for: KeptnEvent.v07("sh.keptn.event.configuration.change"))
        #expect(ran.map { $0["result"] } == ["fail", "fail", "fail"])
        #expect(ran.map { $0["reason"] } == ["errormessage", "errormessage", "errormessage"])
        #expect(try await service.stop() == 0)
    }

    @Test(
        "Seed: scripts answer deployment-finished with the sample tests-finished, configuration-change with deployment-finished"
    )
    func followUps() async throws {
        let project = try await ProjectFixture()
        let testsFinished = """
            {
              "type" : "sh.keptn.events.tests-finished",
              "data" : {
                "start" : "2020-11-19T16:41:00Z",
                "result" : "pass",
                "labels" : {
                  "TestReportLink" : "https://mytestingtoolreport"
                }
              }
            }
            """
        let deploymentFinished =
            #"{"type": "sh.keptn.events.deployment-finished", "data": {"deploymentURIPublic": "http://carts.example.com"}}"#
        try await project.commit([
            "genericexecutor/deployment.finished.py": .file(Array("print('''\(testsFinished)''')".utf8)),
            "genericexecutor/configuration.change.sh": .file(Array("echo '\(deploymentFinished)'".utf8)),
        ])
        let service = try await project.start()
        let strategies: JSONObject = [
            "deploymentstrategy": "direct", "teststrategy": "performance", "labels": ["gitcommit": "c0ffee"],
        ]
        _ = try await service.post(KeptnEvent.v07("sh.keptn.event.configuration.change", id: "change", data: strategies))
        let deployed = try await project.keptn.wait(for: 1)[0]
        // Keptn hands the event on to everybody, to us as well.
        _ = try await service.post(deployed.raw)
        let tested = try await project.keptn.wait(for: 2)[1]
        for event in [deployed, tested] {
            #expect(event.specVersion == .v0_2 && event.source == "generic-executor-service")
            #expect(event.extensions == ["shkeptncontext": "2d363636-3537-4030-b031-343135323139"])
        }
        #expect(deployed.type == "sh.keptn.events.deployment-finished")
        let commit = JSON.string(try await project.repository.git("rev-parse", "master"))
        func labels(_ script: String, _ more: JSONObject) -> JSON {
            var labels: JSONObject = ["gitcommit": "c0ffee"]
            for (name, value) in more { labels[name] = value }
            labels["executor.commit"] = commit
            labels["executor.script"] = .string(script)
            return .object(labels)
        }
        #expect(
            deployed.data
                == .json([
                    "project": "sockshop", "stage": "dev", "service": "carts", "deploymentstrategy": "direct",
                    "teststrategy": "performance", "tag": "", "image": "", "deploymentURIPublic": "http://carts.example.com",
                    "labels": labels("configuration.change.sh", [:]),
                ])
        )
        #expect(tested.type == "sh.keptn.events.tests-finished")
        var data = try #require(tested.dataObject)
        #expect(data["end"]?.string?.hasSuffix("Z") == true)
        data["end"] = nil
        #expect(
            data == [
                "project": "sockshop", "stage": "dev", "service": "carts", "deploymentstrategy": "direct",
                "teststrategy": "performance", "start": "2020-11-19T16:41:00Z", "result": "pass",
                "labels": labels("deployment.finished.py", ["TestReportLink": "https://mytestingtoolreport"]),
            ]
        )
        #expect(try await service.stop() == 0)
    }
}
