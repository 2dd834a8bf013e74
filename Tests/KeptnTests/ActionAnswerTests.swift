import CloudEvents
import Keptn
import Model
import Testing

@Suite("Answers to actions of Keptn 0.7")
struct ActionAnswerTests {
    static let problemURL = "https://abc1234.live.dynatrace.com/#problems/problemdetails;pid=-6665700014152199021_1606338043710V2"

    static func triggered(labels: JSON = .null, url: String = problemURL) throws -> ScriptRequest {
        let data: JSON = [
            "project": "demo-remediation", "service": "allproblems", "stage": "production", "labels": labels,
            "action": ["name": "Handle Power Outage", "action": "poweroutageaction", "value": ["Message": "m"]],
            "problem": [
                "State": "OPEN", "PID": "-6665700014152199021", "ProblemTitle": "Simulated Power outage",
                "ProblemURL": .string(url),
            ],
        ]
        let extensions: JSONObject = ["shkeptncontext": "2d363636-3537-4030-b031-343135323139"]
        return try request(event("sh.keptn.event.action.triggered", data, version: .v0_2, extensions: extensions))
    }

    static let actionPlan = Plan(scripts: [script("action.triggered.poweroutageaction.py")])

    @Test("Seed: the sample action.finished event, field by field")
    func sample() throws {
        let status =
            "This is my poweroutage handler script and I got passed ./tmpdata/x.event.json as parameter\nPROJECT=demo-remediation\n"
        var settings = Answers.Settings()
        settings.tellsProvenance = false
        let answers = Answers(settings: settings, newID: { "6187a43a-7112-4cd8-a4d1-1dcc3b5d11c1" }, now: { answerTime })
        let reply = answers.finished(for: try Self.triggered(), plan: Self.actionPlan, outcome: outcome(.pass, status))
        let sent = try JSON(parsing: try #require(reply.events.first).raw)
        #expect(
            sent == [
                "contenttype": "application/json",
                "data": [
                    "action": ["result": "pass", "status": .string(status)],
                    "labels": [
                        "Problem URL": .string(Self.problemURL), "poweroutageaction": "action.triggered.poweroutageaction.py",
                    ],
                    "project": "demo-remediation",
                    "service": "allproblems",
                    "stage": "production",
                ],
                "id": "6187a43a-7112-4cd8-a4d1-1dcc3b5d11c1",
                "source": "generic-executor-service",
                "specversion": "0.2",
                "time": "2020-11-25T21:04:01.832Z",
                "type": "sh.keptn.event.action.finished",
                "shkeptncontext": "2d363636-3537-4030-b031-343135323139",
            ]
        )
    }

    @Test("started comes before, with the same labels and nothing of the action")
    func started() throws {
        let started = try #require(plainAnswers.started(for: try Self.triggered(labels: ["user": "andi"]), plan: Self.actionPlan))
        #expect(started.type == "sh.keptn.event.action.started")
        #expect(started.extensions == ["shkeptncontext": "2d363636-3537-4030-b031-343135323139"])
        #expect(
            started.data
                == .json([
                    "project": "demo-remediation", "stage": "production", "service": "allproblems",
                    "labels": [
                        "user": "andi", "Problem URL": .string(Self.problemURL),
                        "poweroutageaction": "action.triggered.poweroutageaction.py",
                    ],
                ])
        )
    }

    @Test(
        "Seed: result is pass or fail, status the output, or succeeded or errored without any",
        arguments: [
            (outcome(.pass, "out\n"), "pass", "out\n"), (outcome(.pass, ""), "pass", "succeeded"),
            (outcome(.fail, "out\nexit status 1"), "fail", "out\nexit status 1"), (outcome(.fail, ""), "fail", "errored"),
            (outcome(.errored, "cannot connect"), "fail", "cannot connect"), (outcome(.errored, ""), "fail", "errored"),
        ]
    )
    func results(outcome: RunOutcome, result: String, status: String) throws {
        let reply = plainAnswers.finished(for: try Self.triggered(), plan: Self.actionPlan, outcome: outcome)
        #expect(reply.events.last?.dataObject?["action"] == ["result": .string(result), "status": .string(status)])
        #expect(reply.events.last?.dataObject?["result"] == nil)
    }

    @Test("a label 'Problem URL' that came with the event stays where the problem has no URL")
    func problemURLLabel() throws {
        let request = try Self.triggered(labels: ["Problem URL": "http://came"], url: "")
        let labels = plainAnswers.finished(for: request, plan: Self.actionPlan, outcome: outcome()).events.last?.dataObject?[
            "labels"
        ]
        #expect(labels == ["Problem URL": "http://came", "poweroutageaction": "action.triggered.poweroutageaction.py"])
    }

    @Test("provenance and staleness are told here too")
    func provenance() throws {
        let staleness = Snapshot.Staleness(failureClass: "auth", reason: "refused", age: .seconds(5))
        let reply = answers().finished(for: try Self.triggered(), plan: Self.actionPlan, outcome: outcome(), staleness: staleness)
        let data = try #require(reply.events.last?.dataObject)
        #expect(data["labels"]?["executor.commit"] == "c0ffee")
        #expect(data["labels"]?["executor.script"] == "action.triggered.poweroutageaction.py")
        #expect(data["labels"]?["executor.stale"] == "5")
        #expect(
            data["action"]?["status"]
                == "stale: the files are those of 5 s ago, because the refresh failed (auth): refused\noutput"
        )
    }

    @Test("all.events alone does not answer, and a run that could not be does")
    func silence() throws {
        let request = try Self.triggered()
        #expect(plainAnswers.started(for: request, plan: plan("all.events.sh")) == nil)
        #expect(plainAnswers.finished(for: request, plan: plan("all.events.sh"), outcome: outcome()).events.isEmpty)
        let errored = plainAnswers.errored(for: request, plan: Self.actionPlan, reason: "no disk")
        #expect(errored?.dataObject?["action"] == ["result": "fail", "status": "no disk"])
    }

    @Test("in the second era an action is a task like any other")
    func secondEra() throws {
        let data: JSON = ["project": "p", "action": ["action": "a"], "problem": ["ProblemURL": "u"]]
        let request = try request(event("sh.keptn.event.action.triggered", data))
        let finished = plainAnswers.finished(for: request, plan: plan("action.triggered.a.sh"), outcome: outcome()).events.last
        #expect(finished?.data == .json(["project": "p", "status": "succeeded", "result": "pass", "message": "output"]))
        #expect(finished?.extensionText("triggeredid") == "incoming")
    }
}
