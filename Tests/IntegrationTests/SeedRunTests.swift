import Basics
import CloudEvents
import ServerTestSupport
import TestSupport
import Testing

/// What the original's README (version 0.3, "Seed") promises about files and events, through the built program.
@Suite(.timeLimit(.minutes(2))) struct SeedRunTests {
    @Test("Seed: the sample folder structure, for services and stages that have files and for those that have none")
    func folderStructure() async throws {
        let project = try await ProjectFixture()
        func commit(_ level: String, _ names: String..., below folder: String, on branch: String) async throws {
            let files = names.map { ("\(folder)/\($0)", ProjectFixture.file($0, saying: level)) }
            try await project.commit(Dictionary(files) { first, _ in first }, on: branch)
        }
        try await commit(
            "service",
            "all.events.sh",
            "configuration.change.py",
            "configuration.change.http",
            below: "carts/genericexecutor",
            on: "dev"
        )
        try await commit(
            "stage",
            "all.events.py",
            "configuration.change.sh",
            "configuration.change.http",
            below: "genericexecutor",
            on: "dev"
        )
        try await project.commit(["shipyard.yaml": "a: b\n"], on: "production")
        try await commit(
            "project",
            "all.events.http",
            "configuration.change.sh",
            "configuration.change.py",
            below: "genericexecutor",
            on: "master"
        )
        let service = try await project.start()
        let cases: [(stage: String, service: String, levels: [String])] = [
            ("dev", "carts", ["stage sh", "service py", "service http", "service all sh", "stage all py", "project all http"]),
            ("dev", "orders", ["stage sh", "project py", "stage http", "stage all py", "project all http"]),
            ("production", "carts", ["project sh", "project py", "project all http"]),
        ]
        for (stage, name, expected) in cases {
            let event = KeptnEvent.v07(
                "sh.keptn.event.configuration.change",
                id: "\(stage) \(name)",
                data: ["stage": .string(stage), "service": .string(name)]
            )
            let files = try await service.filesRun(for: event).map { entry in
                let words = (entry["file"]?.string ?? "").replacing("configuration.change.", with: "")
                    .replacing("all.events.", with: "all ")
                #expect(entry["output"]?.string?.hasPrefix(entry["script.level"]?.string ?? "?") == true, "\(entry)")
                return "\(entry["script.level"]?.string ?? "?") \(words)"
            }
            #expect(files == expected, "\(stage) \(name)")
        }
        #expect(project.keptn.events.isEmpty)
        #expect(try await service.stop() == 0)
    }

    @Test("Seed: each event prefix of the list names the files of its event, and all.events.sh runs for every event of Keptn")
    func eventPrefixes() async throws {
        let project = try await ProjectFixture()
        let cases: [(type: String, file: String?)] = [
            ("sh.keptn.event.configuration.change", "configuration.change.sh"),
            ("sh.keptn.events.deployment-finished", "deployment.finished.sh"),
            ("sh.keptn.events.tests-finished", "tests.finished.sh"),
            ("sh.keptn.event.start-evaluation", "start.evaluation.sh"),
            ("sh.keptn.events.evaluation-done", "evaluation.done.sh"),
            ("sh.keptn.event.problem.open", "problem.open.sh"),
            ("sh.keptn.event.action.triggered", "action.triggered.ACTIONNAME.sh"),
            ("sh.keptn.event.monitoring.configure", nil),
            ("sh.keptn.internal.event.project.create", nil),
        ]
        var files: [String: BareRepository.Change] = ["genericexecutor/all.events.sh": "echo all"]
        for file in cases.compactMap(\.file) { files["genericexecutor/\(file)"] = "echo $EVENT" }
        try await project.commit(files)
        let service = try await project.start()
        for (type, file) in cases {
            let data: JSONObject = ["action": ["action": "ACTIONNAME"]]
            let ran = try await service.filesRun(for: KeptnEvent.v07(type, id: type, data: data))
            // Of an action only the first match runs.
            let all = type.hasSuffix("action.triggered") ? [] : ["all.events.sh"]
            #expect(ran.map { $0["file"]?.string } == (file.map { [$0] } ?? []) + all, "\(type)")
            if file != nil { #expect(ran.first?["output"] == .string(type + "\n")) }
        }
        #expect(try await service.stop() == 0)
    }

    @Test("Seed: every placeholder of the list, as a variable of .sh and .py files and in .http files")
    func placeholders() async throws {
        let project = try await ProjectFixture()
        let expected = [
            "CONTEXT": "2d363636-3537-4030-b031-343135323139", "EVENT": "sh.keptn.events.deployment-finished",
            "SOURCE": "remediation-service", "TIMESTRING": "2020-11-25 21:04:01.832 +0000 UTC",
            "TIMEUTCSTRING": "2020-11-25 21:04:01.832 +0000 UTC", "TIMEUTCMS": "1606338241832",
            "PROJECT": "sockshop", "STAGE": "dev", "SERVICE": "carts", "DEPLOYMENT": "blue_green_service",
            "TESTSTRATEGY": "performance",
            "DEPLOYMENTURILOCAL": "http://carts.dev.svc.cluster.local", "DEPLOYMENTURIPUBLIC": "http://carts.dev.example.com:80",
            "LABEL_gitcommit": "c0ffee", "LABEL_anotherlabel": "two words", "LABEL_xxxx": "x",
            "ENV_YOURCUSTOMENV": "Mixed Case=1", "ENV_KEPTN_API_TOKEN": "t0ken", "ENV_KEPTN_ENDPOINT": "http://keptn/api",
        ]
        let names = expected.keys.sorted()
        let lines = expected.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)\n" }.joined()
        let out = project.directory.path
        try await project.commit([
            "genericexecutor/deployment.finished.sh": .file(
                Array("for name in \(names.joined(separator: " ")); do echo \"$name=${!name}\"; done > $ENV_OUT/sh".utf8)
            ),
            "genericexecutor/deployment.finished.py": .file(
                Array(
                    """
                    import os
                    with open(os.environ['ENV_OUT'] + '/py', 'w') as file:
                        for name in '\(names.joined(separator: " "))'.split(): file.write(name + '=' + os.environ[name] + '\\n')
                    """.utf8
                )
            ),
            "genericexecutor/deployment.finished.http": .file(
                Array(("POST $ENV_WEBHOOK/204\n\n" + names.map { "\($0)=$\($0)\n" }.joined()).utf8)
            ),
        ])
        let service = try await project.start([
            "OUT": out, "YOURCUSTOMENV": "Mixed Case=1", "KEPTN_API_TOKEN": "t0ken", "KEPTN_ENDPOINT": "http://keptn/api",
        ])
        let data: JSONObject = [
            "deploymentstrategy": "blue_green_service", "teststrategy": "performance",
            "deploymentURILocal": "http://carts.dev.svc.cluster.local", "deploymentURIPublic": "http://carts.dev.example.com:80",
            "labels": ["gitcommit": "c0ffee", "anotherlabel": "two words", "xxxx": "x"],
        ]
        let ran = try await service.filesRun(for: KeptnEvent.v07("sh.keptn.events.deployment-finished", data: data))
        #expect(ran.map { $0["result"]?.string } == ["pass", "pass", "pass"])
        #expect(String(decoding: try Files.read(out + "/sh"), as: UTF8.self) == lines)
        #expect(String(decoding: try Files.read(out + "/py"), as: UTF8.self) == lines)
        // What a template ends with is trimmed.
        #expect(try project.webhook.requests().first?["body"] == .string(String(lines.dropLast())))
        #expect(try await service.stop() == 0)
    }

    @Test("Seed: the sample configuration.change.http calls an external webhook with the values of the event")
    func httpSample() async throws {
        let project = try await ProjectFixture()
        try await project.commit([
            "genericexecutor/configuration.change.http": """
            POST $ENV_WEBHOOK/200/YOURHOOKID
            Accept: application/json
            Cache-Control: no-cache
            Content-Type: application/cloudevents+json

            {
              "contenttype": "application/json",
              "deploymentstrategy": "blue_green_service",
              "project": "$PROJECT",
              "service": "$SERVICE",
              "stage": "$STAGE",
              "mylabel" : "$LABEL_gitcommit",
              "mytoken" : "$ENV_TESTTOKEN",
              "shkeptncontext": "$CONTEXT",
              "event": "$EVENT",
              "source": "$SOURCE"
            }
            """
        ])
        let service = try await project.start(["TESTTOKEN": "my-token"])
        let type = "sh.keptn.event.configuration.change"
        let ran = try await service.filesRun(for: KeptnEvent.v07(type, data: ["labels": ["gitcommit": "c0ffee"]]))
        #expect(ran.map { $0["result"]?.string } == ["pass"])
        let request = try #require(project.webhook.requests().first)
        #expect(request["method"] == "POST" && request["path"] == "/200/YOURHOOKID")
        #expect(request["headers"]?["Accept"] == "application/json")
        #expect(request["headers"]?["Cache-Control"] == "no-cache")
        #expect(request["headers"]?["Content-Type"] == "application/cloudevents+json")
        let body = try JSON(parsing: (request["body"]?.string ?? "").utf8)
        #expect(
            body == [
                "contenttype": "application/json", "deploymentstrategy": "blue_green_service", "project": "sockshop",
                "service": "carts", "stage": "dev", "mylabel": "c0ffee", "mytoken": "my-token",
                "shkeptncontext": "2d363636-3537-4030-b031-343135323139", "event": .string(type),
                "source": "remediation-service",
            ]
        )
        #expect(try await service.stop() == 0)
    }
}
