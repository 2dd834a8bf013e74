import Basics
import CloudEvents
import ServerTestSupport
import TestSupport
import Testing

/// Scripts that were written for the original's version 0.8, unchanged, through the built program.
@Suite(.timeLimit(.minutes(2))) struct Version08Tests {
    private static let data: JSONObject = [
        "test": ["teststrategy": "functional"], "deployment": ["deploymentURIsPublic": ["http://carts.example.com", "http://x"]],
        "labels": ["gitcommit": "c0ffee"], "list": [["name": "a \"b\""]],
    ]

    /// Runs `file` for `test.triggered`.
    ///
    /// - Returns: the data of the finished event.
    private func finished(_ project: ProjectFixture, _ file: String, _ text: String) async throws -> JSONObject {
        try await project.commit(["generic-executor/\(file)": .file(Array(text.utf8))])
        let service = try await project.start(["TESTTOKEN": "Mixed=1", "ANSWER_PROVENANCE": "off"])
        _ = try await service.post(KeptnEvent.v08("sh.keptn.event.test.triggered", data: Self.data))
        let answers = try await project.keptn.wait(for: 2)
        #expect(answers.map(\.type) == ["sh.keptn.event.test.started", "sh.keptn.event.test.finished"])
        #expect(try await service.stop() == 0)
        return try #require(answers.last?.dataObject)
    }

    @Test("0.8: ${data.x}, ${env.x} and ${timestring} in .http files; a JSON response is data.<task> of the finished event")
    func http() async throws {
        let project = try await ProjectFixture()
        let data = try await finished(
            project,
            "test.triggered.http",
            """
            POST \(project.webhook.url)/200/${data.project}?stage=${data.stage}
            Content-Type: application/json
            X-Token: ${env.testtoken}

            {
              "project": "${data.project}",
              "service": "${data.service}",
              "strategy": "${data.test.teststrategy}",
              "uri": "${data.deployment.deploymentURIsPublic[0]}",
              "name": "${data.list[0].name}",
              "mylabel" : "${data.labels.gitcommit}",
              "mytoken" : "${env.testtoken}",
              "shkeptncontext": "${shkeptncontext}",
              "event": "${type}",
              "source": "${source}",
              "time": "${timestring} ${timeutcstring} ${timeutcms}",
              "unknown": "${data.nowhere}"
            }
            """
        )
        let time = "2021-05-25 12:38:22.571 +0000 UTC"
        #expect(data["status"] == "succeeded" && data["result"] == "pass")
        #expect(
            data["test"] == [
                "project": "sockshop", "service": "carts", "strategy": "functional", "uri": "http://carts.example.com",
                "name": "a \"b\"", "mylabel": "c0ffee", "mytoken": "Mixed=1",
                "shkeptncontext": "08735340-6f9e-4b32-97ff-3b6c292bc509", "event": "sh.keptn.event.test.triggered",
                "source": "shipyard-controller", "time": .string("\(time) \(time) 1621946302571"),
                "unknown": "${data.nowhere}",
            ]
        )
        let request = try #require(project.webhook.requests().first)
        #expect(request["path"] == "/200/sockshop?stage=dev")
        #expect(request["headers"]?["X-Token"] == "Mixed=1")
    }

    @Test(
        "0.8: DATA_ variables and the event's attributes; $ID.finished.event.json is data.<task> of the finished event",
        arguments: [
            (
                "test.triggered.sh",
                """
                #!/bin/bash
                echo "$DATA_PROJECT $DATA_TEST_TESTSTRATEGY $DATA_DEPLOYMENT_DEPLOYMENTURISPUBLIC_1 $DATA_LABELS_GITCOMMIT"
                echo "$TYPE $SOURCE $SPECVERSION $SHKEPTNCONTEXT $TIMEUTCMS"
                echo '{"start": "now", "n": 1.50}' > $ID.finished.event.json
                """
            ),
            (
                "test.triggered.py",
                """
                import os
                e = os.environ
                print(e['DATA_PROJECT'], e['DATA_TEST_TESTSTRATEGY'], e['DATA_DEPLOYMENT_DEPLOYMENTURISPUBLIC_1'], e['DATA_LABELS_GITCOMMIT'])
                print(e['TYPE'], e['SOURCE'], e['SPECVERSION'], e['SHKEPTNCONTEXT'], e['TIMEUTCMS'])
                open(e['ID'] + '.finished.event.json', 'w').write('{"start": "now", "n": 1.50}')
                """
            ),
        ]
    )
    func variables(file: String, text: String) async throws {
        let data = try await finished(try await ProjectFixture(), file, text)
        #expect(
            data["message"] == """
                sockshop functional http://x c0ffee
                sh.keptn.event.test.triggered shipyard-controller 1.0 08735340-6f9e-4b32-97ff-3b6c292bc509 1621946302571

                """
        )
        #expect(try data["test"] == JSON(parsing: #"{"start": "now", "n": 1.50}"#.utf8))
    }

    @Test("0.8: a JSON object on standard output is data.<task> of the finished event")
    func standardOutput() async throws {
        let data = try await finished(try await ProjectFixture(), "test.triggered.sh", #"echo '{"score": 98}'"#)
        #expect(data["test"] == ["score": 98])
        #expect(data["result"] == "pass")
    }
}
