import CloudEvents
import Keptn
import Model
import Testing

@Suite("Events that scripts ask to send")
struct FollowUpTests {
    static let deploymentFinished: JSON = [
        "project": "sockshop", "stage": "dev", "service": "carts", "deploymentstrategy": "direct", "teststrategy": "performance",
        "labels": ["a": "b", "executor.script": "old"],
    ]

    /// What is sent after a script returned `text` for an event of the first era.
    static func reply(to type: String = "sh.keptn.events.deployment-finished", _ text: String) throws -> Reply {
        let followUp = try #require(JSON(parsing: text.utf8).object)
        let request = try request(event(type, deploymentFinished, version: .v0_2, extensions: ["shkeptncontext": "c"]))
        return plainAnswers.finished(for: request, plan: plan("deployment.finished.sh"), outcome: outcome(followUps: [followUp]))
    }

    @Test("Seed: the sample that returns tests-finished")
    func sample() throws {
        let reply = try Self.reply(
            """
            {
              "type" : "sh.keptn.events.tests-finished",
              "data" : {
                "start" : "2020-11-19T16:41:00Z",
                "result" : "pass",
                "labels" : { "TestReportLink" : "https://mytestingtoolreport" }
              }
            }
            """
        )
        #expect(reply.warnings.isEmpty)
        #expect(reply.events.count == 1)
        let event = try #require(reply.events.first)
        #expect(event.type == "sh.keptn.events.tests-finished")
        #expect(event.source == "generic-executor-service")
        #expect(event.specVersion == .v0_2)
        #expect(event.extensions == ["shkeptncontext": "c"])
        #expect(
            event.data
                == .json([
                    "project": "sockshop", "stage": "dev", "service": "carts", "teststrategy": "performance",
                    "deploymentstrategy": "direct",
                    "start": "2020-11-19T16:41:00Z", "end": "2020-11-25T21:04:01Z", "result": "pass",
                    "labels": ["a": "b", "TestReportLink": "https://mytestingtoolreport"],
                ])
        )
    }

    @Test("Seed: a script for configuration-change returns deployment-finished")
    func deployment() throws {
        let reply = try Self.reply(
            to: "sh.keptn.event.configuration.change",
            #"{"type": "sh.keptn.events.deployment-finished", "data": {"deploymentURILocal": "http://carts", "image": "x:1"}}"#
        )
        #expect(
            reply.events.first?.data
                == .json([
                    "project": "sockshop", "stage": "dev", "service": "carts", "teststrategy": "performance",
                    "deploymentstrategy": "direct",
                    "tag": "", "image": "x:1", "deploymentURILocal": "http://carts", "labels": ["a": "b"],
                ])
        )
    }

    @Test("the form of 0.3 with its keys at the top is read too, and data goes over it")
    func topLevel() throws {
        let reply = try Self.reply(
            """
            {"type":"sh.keptn.events.tests-finished","source":"my-tests","result":"warning","teststrategy":"top","id":"mine","specversion":"9",
             "time":"now","contenttype":"x","shkeptncontext":"mine","triggeredid":"mine","labels":{"n":1},"data":{"teststrategy":"inner"}}
            """
        )
        let event = try #require(reply.events.first)
        #expect(event.source == "my-tests")
        #expect(event.id == "new")
        #expect(event.extensions == ["shkeptncontext": "c"])
        let data = try #require(event.dataObject)
        #expect(data["result"] == "warning")
        #expect(data["teststrategy"] == "inner")
        #expect(data["start"] == "2020-11-25T21:03:55Z")
        #expect(data["labels"] == ["a": "b", "n": "1"])
        #expect(
            ["id", "specversion", "time", "contenttype", "shkeptncontext", "triggeredid", "type", "source"].allSatisfy {
                data[$0] == nil
            }
        )
    }

    @Test(
        "the result of tests falls back to the event's, then to the run's",
        arguments: [("warning", .pass, "warning"), ("", .pass, "pass"), ("", .fail, "fail")] as [(String, RunResult, String)]
    )
    func result(incoming: String, result: RunResult, expected: String) throws {
        let request = try request(event("t", ["project": "p", "result": .string(incoming)], version: .v0_2))
        let outcome = outcome(result, "m", followUps: [["type": "sh.keptn.events.tests-finished"]])
        let reply = plainAnswers.finished(for: request, plan: plan("t.sh"), outcome: outcome)
        #expect(reply.events.first?.dataObject?["result"] == .string(expected))
    }

    @Test(
        "what cannot be sent is named",
        arguments: [
            (#"{"type":"com.example.x"}"#, #""com.example.x" is no type of Keptn"#),
            (#"{"type":"sh.keptn.event."}"#, "is no type of Keptn"),
            (#"{"type":7}"#, "7 is no type of Keptn"), (#"{"a":1}"#, "no type is no type of Keptn"),
            (#"{"type":"sh.keptn.event.a\nb.finished"}"#, "is no type of Keptn"),
            (
                #"{"type":"sh.keptn.event.test.started"}"#,
                "sh.keptn.event.test.started is not sent: this service sends the started event itself"
            ),
            (
                #"{"type":"sh.keptn.events.tests-finished","data":[1]}"#,
                "sh.keptn.events.tests-finished is not sent: its 'data' is no JSON object"
            ),
        ]
    )
    func refused(text: String, warning: String) throws {
        let reply = try Self.reply(text)
        #expect(reply.events.isEmpty)
        #expect(reply.warnings.count == 1)
        #expect(reply.warnings.first?.contains(warning) == true, "\(reply.warnings)")
    }

    @Test(
        "of the second era, a triggeredid goes where the type needs one",
        arguments: [
            ("sh.keptn.event.test.finished", true), ("sh.keptn.event.deployment.status.changed", true),
            ("sh.keptn.event.dev.delivery.triggered", false),
            ("sh.keptn.events.tests-finished", false),
        ]
    )
    func triggeredID(type: String, isThere: Bool) throws {
        let request = try request(event("sh.keptn.event.deployment.finished"))
        let reply = plainAnswers.finished(
            for: request,
            plan: plan("x.sh"),
            outcome: outcome(followUps: [["type": .string(type)]])
        )
        #expect(reply.events.map(\.type) == [type])
        #expect(reply.events.first?.extensionText("triggeredid") == (isThere ? "incoming" : nil))
        #expect(reply.events.first?.specVersion == .v1_0)
    }

    @Test("several are sent in order, and the finished event last")
    func order() throws {
        let request = try request(event("sh.keptn.event.test.triggered"))
        let outcome = outcome(
            .pass,
            "m",
            followUps: [["type": "sh.keptn.event.dev.a.triggered"], ["type": "x"], ["type": "sh.keptn.event.dev.b.triggered"]]
        )
        let reply = plainAnswers.finished(for: request, plan: plan("test.triggered.sh"), outcome: outcome)
        #expect(
            reply.events.map(\.type) == [
                "sh.keptn.event.dev.a.triggered", "sh.keptn.event.dev.b.triggered", "sh.keptn.event.test.finished",
            ]
        )
        #expect(reply.warnings.count == 1)
    }

    // MARK: The answer itself

    /// The finished event of a test task for which a script returned `followUps`.
    static func answer(_ result: RunResult = .pass, _ followUps: JSONObject...) throws -> (event: CloudEvent, warnings: [String])
    {
        let request = try request(event("sh.keptn.event.test.triggered"))
        let outcome = outcome(result, "printed", taskData: ["a": 1, "b": 1], followUps: followUps)
        let reply = plainAnswers.finished(for: request, plan: plan("test.triggered.sh"), outcome: outcome)
        #expect(reply.events.count == 1)
        return (try #require(reply.events.last), reply.warnings)
    }

    @Test("the finished of the task in hand becomes the answer, filled in")
    func ownFinished() throws {
        let (event, warnings) = try Self.answer(
            .pass,
            [
                "type": "sh.keptn.event.test.finished", "source": "my-tests",
                "data": [
                    "result": "warning", "test": ["b": 2], "labels": ["x": "y"], "project": "evil", "stage": .null, "extra": true,
                ],
            ]
        )
        #expect(warnings.isEmpty)
        #expect(event.type == "sh.keptn.event.test.finished")
        #expect(event.source == "my-tests")
        #expect(event.extensionText("triggeredid") == "incoming")
        #expect(
            event.data
                == .json([
                    "project": "sockshop", "stage": "dev", "service": "carts", "labels": ["x": "y"], "extra": true,
                    "status": "succeeded",
                    "result": "warning", "message": "printed", "test": ["a": 1, "b": 2],
                ])
        )
    }

    @Test(
        "a script's result cannot make good what failed, and must be one that Keptn knows",
        arguments: [
            (.pass, "fail", "succeeded", "fail", 0), (.fail, "pass", "succeeded", "fail", 0),
            (.errored, "pass", "errored", "fail", 0),
            (.pass, "failed", "succeeded", "pass", 1), (.pass, 7, "succeeded", "pass", 1),
        ] as [(RunResult, JSON, String, String, Int)]
    )
    func verdict(run: RunResult, own: JSON, status: String, result: String, warningCount: Int) throws {
        let (event, warnings) = try Self.answer(
            run,
            ["type": "sh.keptn.event.test.finished", "result": own, "status": "succeeded"]
        )
        #expect(event.dataObject?["status"] == .string(status))
        #expect(event.dataObject?["result"] == .string(result))
        #expect(warnings.count == warningCount)
    }

    @Test("an errored status means a failure, and a failure has a message")
    func failure() throws {
        let errored = try Self.answer(.pass, ["type": "sh.keptn.event.test.finished", "status": "errored", "message": ""]).event
        #expect(errored.dataObject?["status"] == "errored")
        #expect(errored.dataObject?["result"] == "fail")
        #expect(errored.dataObject?["message"] == "printed")

        let request = try request(event("sh.keptn.event.test.triggered"))
        let silent = outcome(.pass, "", followUps: [["type": "sh.keptn.event.test.finished", "result": "fail"]])
        let failed = plainAnswers.finished(for: request, plan: plan("test.triggered.sh"), outcome: silent).events.last
        #expect(failed?.dataObject?["result"] == "fail")
        #expect(failed?.dataObject?["message"] == "a script gave the result fail and no message")
    }

    @Test("of two answers the last is sent, with a warning")
    func twice() throws {
        let (event, warnings) = try Self.answer(
            .pass,
            ["type": "sh.keptn.event.test.finished", "message": "one"],
            ["type": "sh.keptn.event.test.finished", "message": "two"]
        )
        #expect(event.dataObject?["message"] == "two")
        #expect(warnings.count == 1)
    }

    @Test("a started event is refused, and the task still finished")
    func ownStarted() throws {
        let (event, warnings) = try Self.answer(.pass, ["type": "sh.keptn.event.test.started"])
        #expect(event.type == "sh.keptn.event.test.finished")
        #expect(warnings.count == 1)
    }

    @Test("a finished without a started is not sent")
    func unanswered() throws {
        let request = try request(event("sh.keptn.event.test.triggered"))
        let outcome = outcome(followUps: [["type": "sh.keptn.event.test.finished"]])
        let reply = plainAnswers.finished(for: request, plan: plan("all.events.sh"), outcome: outcome)
        #expect(reply.events.isEmpty)
        #expect(reply.warnings == ["sh.keptn.event.test.finished is not sent: this service sent no started event for it"])
    }

    @Test("the finished of an action of the first era becomes its answer")
    func action() throws {
        let followUp: JSONObject = [
            "type": "sh.keptn.event.action.finished", "data": ["action": ["status": "cable dried", "x": 1]],
        ]
        let reply = plainAnswers.finished(
            for: try ActionAnswerTests.triggered(),
            plan: ActionAnswerTests.actionPlan,
            outcome: outcome(followUps: [followUp])
        )
        #expect(reply.events.count == 1)
        #expect(reply.events.first?.dataObject?["action"] == ["result": "pass", "status": "cable dried", "x": 1])
    }
}
