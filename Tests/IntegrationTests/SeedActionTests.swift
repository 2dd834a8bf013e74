import CloudEvents
import Curl
import ServerTestSupport
import TestSupport
import Testing

/// What the original's README (version 0.3, "Seed") promises about remediation actions, through the built program.
@Suite(.timeLimit(.minutes(2))) struct SeedActionTests {
    /// The README's sample event, as it is printed there.
    private static let sample = #"""
        {
        "contenttype": "application/json",
        "data": {
        "action": {
        "result": "pass",
        "status": "This is my poweroutage handler script and I got passed ./tmpdata/2d363636-3537-4030-b031-343135323139.event.json as parameter\nI also have some env variables, e.g: PID=-6665700014152199021, CONTEXT=2d363636-3537-4030-b031-343135323139\nSOURCE=remediation-service\nPROJECT=demo-remediation\nPROBLEMTITLE=Simulated Power outage\nAnd here is the message that was passed as part of the remediation action definition :Please make sure nobody dripped on a cable!\n"
        },
        "labels": {
        "Problem URL": "https://abc1234.live.dynatrace.com/#problems/problemdetails;pid=-6665700014152199021_1606338043710V2",
        "poweroutageaction": "action.triggered.poweroutageaction.py"
        },
        "project": "demo-remediation",
        "service": "allproblems",
        "stage": "production"
        },
        "id": "6187a43a-7112-4cd8-a4d1-1dcc3b5d11c1",
        "source": "generic-executor-service",
        "specversion": "0.2",
        "time": "2020-11-25T21:04:01.832Z",
        "type": "sh.keptn.event.action.finished",
        "shkeptncontext": "2d363636-3537-4030-b031-343135323139"
        }
        """#

    /// Keptn's event for the action of the README's remediation.yaml.
    private static let triggered = KeptnEvent.v07(
        "sh.keptn.event.action.triggered",
        id: "2d363636-3537-4030-b031-343135323139",
        data: [
            "project": "demo-remediation", "service": "allproblems", "stage": "production",
            "action": [
                "name": "Handle Power Outage", "action": "poweroutageaction",
                "description": "In a power outage scenario we make sure nobody dripped on a cable",
                "value": ["Message": "Please make sure nobody dripped on a cable!"],
            ],
            "problem": [
                "State": "OPEN", "PID": "-6665700014152199021", "ProblemTitle": "Simulated Power outage",
                "ProblemURL":
                    "https://abc1234.live.dynatrace.com/#problems/problemdetails;pid=-6665700014152199021_1606338043710V2",
            ],
        ]
    )

    @Test("Seed: the sample action.finished event, field by field")
    func actionFinished() async throws {
        let project = try await ProjectFixture("demo-remediation")
        try await project.commit([
            "genericexecutor/action.triggered.poweroutageaction.py": """
            import os
            import sys
            # Lets get the first parameter which could potentially be a local file name
            methodArg = ""
            if len(sys.argv) > 1:
                methodArg = sys.argv[1]
            print("This is my poweroutage handler script and I got passed " + methodArg + " as parameter")
            print("I also have some env variables, e.g: PID=" + os.getenv('PID', "") + ", CONTEXT=" + os.getenv('CONTEXT', ""))
            print("SOURCE=" + os.getenv('SOURCE',""))
            print("PROJECT=" + os.getenv('PROJECT',""))
            print("PROBLEMTITLE=" + os.getenv('PROBLEMTITLE',""))
            print("And here is the message that was passed as part of the remediation action definition :" + os.getenv('VALUE_MESSAGE', ""))
            """,
            "genericexecutor/all.events.sh": "echo never",
        ])
        let service = try await project.start(["ANSWER_PROVENANCE": "off"])
        #expect(try await service.post(Self.triggered).status == 202)
        let answers = try await project.keptn.wait(for: 2)
        #expect(answers.map(\.type) == ["sh.keptn.event.action.started", "sh.keptn.event.action.finished"])
        var sent = try JSON(parsing: answers[1].raw)
        var expected = try JSON(parsing: Self.sample.utf8)
        // An id and a time of its own; and the event's file has an absolute name.
        #expect(sent["id"]?.string?.count == 36 && sent["id"] != answers[0].structured["id"])
        #expect(sent["time"]?.string?.hasSuffix("Z") == true)
        for member in ["id", "time"] {
            sent = sent.setting([member], to: .null); expected = expected.setting([member], to: .null)
        }
        let status = try #require(sent["data"]?["action"]?["status"]?.string)
        let file = try #require(status.firstMatch(of: /got passed (\/\S+\/2d363636-3537-4030-b031-343135323139\.event\.json) as/))
            .1
        sent = sent.setting(
            ["data", "action", "status"],
            to: .string(status.replacing(file, with: "./tmpdata/2d363636-3537-4030-b031-343135323139.event.json"))
        )
        #expect(sent == expected)
        #expect(try await service.stop() == 0)
    }

    @Test("Seed: .sh, .py and .http files handle the action; only the first match runs, and all.events.sh does not")
    func files() async throws {
        let project = try await ProjectFixture()
        var files: [String: BareRepository.Change] = ["genericexecutor/all.events.sh": "echo never"]
        let cases: [(action: String, kinds: [String])] = [
            ("actionname", ["sh"]), ("poweroutageaction", ["py", "http"]), ("web", ["http"]), ("all", ["sh", "py", "http"]),
            ("nobodys", []),
        ]
        for (action, kinds) in cases {
            for name in kinds.map({ "action.triggered.\(action).\($0)" }) {
                files["genericexecutor/\(name)"] = ProjectFixture.file(name, saying: name)
            }
        }
        try await project.commit(files)
        let service = try await project.start()
        for (action, kinds) in cases {
            let data: JSONObject = ["action": ["action": .string(action)]]
            let event = KeptnEvent.v07("sh.keptn.event.action.triggered", id: action, context: action, data: data)
            let ran = try await service.filesRun(for: event)
            #expect(ran.map { $0["file"]?.string } == [kinds.first.map { "action.triggered.\(action).\($0)" } ?? "all.events.sh"])
        }
        let answers = try await project.keptn.wait(for: 8)
        #expect(try await service.stop() == 0)
        #expect(project.keptn.events.count == 8)
        for (action, kinds) in cases {
            // all.events.sh listens; it does not handle the action.
            let own = answers.filter { $0.extensions["shkeptncontext"] == .string(action) }
            #expect(own.map { $0.type.suffix(8) } == (kinds.isEmpty ? [] : [".started", "finished"]), "\(action)")
            let name = kinds.first.map { "action.triggered.\(action).\($0)" }
            #expect(own.last?.dataObject?["labels"]?[action]?.string == name, "\(action)")
        }
    }

    @Test("Seed: result is pass for exit code 0 and 2xx, status the output or body, by default succeeded or errored")
    func resultAndStatus() async throws {
        let project = try await ProjectFixture()
        let cases: [(file: String, text: String, result: String, status: String)] = [
            ("talks.sh", "echo fixed", "pass", "fixed\n"), ("silent.sh", "exit 0", "pass", "succeeded"),
            ("fails.sh", "echo why; exit 3", "fail", "why\n"), ("failsilently.sh", "exit 3", "fail", "errored"),
            ("error.sh", #"echo '{"error" : "errormessage"}'"#, "fail", "errormessage"),
            ("talks.py", "print('fixed')", "pass", "fixed\n"), ("silent.py", "", "pass", "succeeded"),
            ("failsilently.py", "raise SystemExit(1)", "fail", "errored"),
            ("body200.http", "POST $ENV_WEBHOOK/200\n\ndone, $SERVICE", "pass", "done, carts"),
            ("body299.http", "POST $ENV_WEBHOOK/299\n\ndone", "pass", "done"),
            ("nobody.http", "POST $ENV_WEBHOOK/204", "pass", "succeeded"),
            ("body404.http", "POST $ENV_WEBHOOK/404\n\nno such host", "fail", "no such host"),
            ("nobody500.http", "POST $ENV_WEBHOOK/500", "fail", "errored"),
            // A label that the event lacks is told of in the run's output; no content is no content all the same.
            ("unlabelled.http", "POST $ENV_WEBHOOK/204\nX-Label: $LABEL_gitcommit", "pass", "succeeded"),
        ]
        var files: [String: BareRepository.Change] = [:]
        for (file, text, _, _) in cases {
            let action = file.replacing(".", with: "-")
            // A python file with no line would count as none.
            let content = text.isEmpty ? "pass" : text
            let kind = file.split(separator: ".")[1]
            files["genericexecutor/action.triggered.\(action).\(kind)"] = .file(Array(content.utf8))
        }
        try await project.commit(files)
        let service = try await project.start()
        for (file, _, _, _) in cases {
            let action = file.replacing(".", with: "-")
            let data: JSONObject = ["action": ["action": .string(action)]]
            _ = try await service.post(KeptnEvent.v07("sh.keptn.event.action.triggered", id: file, context: file, data: data))
        }
        let answers = try await project.keptn.wait(for: 2 * cases.count)
        for (file, _, result, status) in cases {
            let own = answers.filter { $0.extensions["shkeptncontext"] == .string(file) }
            #expect(own.map(\.type) == ["sh.keptn.event.action.started", "sh.keptn.event.action.finished"], "\(file)")
            let expected: JSON = ["result": .string(result), "status": .string(status)]
            #expect(own.last?.dataObject?["action"] == expected, "\(file)")
        }
        #expect(try await service.stop() == 0)
    }

    @Test("Seed: each value of remediation.yaml is a variable VALUE_ and its name in upper case")
    func values() async throws {
        let project = try await ProjectFixture()
        let shell = #"echo "$VALUE_MESSAGE|$VALUE_REPLICAS|$PROBLEMTITLE""#
        let request = "POST $ENV_WEBHOOK/200\n\n$VALUE_MESSAGE|$VALUE_REPLICAS|$PROBLEMTITLE\n"
        try await project.commit([
            "genericexecutor/action.triggered.shell.sh": .file(Array(shell.utf8)),
            "genericexecutor/action.triggered.request.http": .file(Array(request.utf8)),
        ])
        let service = try await project.start()
        for action in ["shell", "request"] {
            let data: JSONObject = [
                "action": [
                    "action": .string(action),
                    "value": ["Message": "Please make sure nobody dripped on a cable!", "replicas": 3],
                ],
                "problem": ["ProblemTitle": "Simulated Power outage"],
            ]
            let event = KeptnEvent.v07("sh.keptn.event.action.triggered", id: action, data: data)
            let output = try await service.filesRun(for: event).first?["output"]?.string?.split(separator: "\n")
            #expect(output == ["Please make sure nobody dripped on a cable!|3|Simulated Power outage"])
        }
        #expect(try await service.stop() == 0)
    }
}

extension JSON {
    /// The same value with another one at a path of members, which must exist.
    fileprivate func setting(_ path: ArraySlice<String>, to value: JSON) -> JSON {
        guard let name = path.first else { return value }
        guard case .object(var object) = self else { return self }
        object[name] = object[name]?.setting(path.dropFirst(), to: value)
        return .object(object)
    }
}
