import CloudEvents
import Keptn
import Model
import Testing

@Suite("Answers to tasks")
struct TaskAnswerTests {
    static func data(_ event: CloudEvent?) throws -> JSON { .object(try #require(event?.dataObject)) }

    static func finished(_ answers: Answers = plainAnswers, _ event: CloudEvent, _ outcome: RunOutcome) throws -> CloudEvent {
        let reply = answers.finished(for: try request(event), plan: plan("test.triggered.sh"), outcome: outcome)
        #expect(reply.warnings.isEmpty)
        return try #require(reply.events.count == 1 ? reply.events.first : nil)
    }

    @Test("started and finished belong to the triggered event")
    func envelope() throws {
        let extensions: JSONObject = [
            "shkeptncontext": "c", "shkeptnspecversion": "0.2.1", "gitcommitid": "x", "triggeredid": "other",
            "traceparent": "00-1", "tracestate": "a=b",
        ]
        let event = try event("sh.keptn.event.test.triggered", extensions: extensions)
        let started = try #require(plainAnswers.started(for: request(event), plan: plan("test.triggered.sh")))
        let finished = try Self.finished(plainAnswers, event, outcome())
        #expect(started.type == "sh.keptn.event.test.started")
        #expect(finished.type == "sh.keptn.event.test.finished")
        for answer in [started, finished] {
            #expect(answer.id == "new")
            #expect(answer.source == "generic-executor-service")
            #expect(answer.specVersion == .v1_0)
            #expect(answer.time == answerTime)
            #expect(answer.dataContentType == "application/json")
            #expect(
                answer.extensions == [
                    "shkeptncontext": "c", "shkeptnspecversion": "0.2.1", "traceparent": "00-1", "tracestate": "a=b",
                    "triggeredid": "incoming",
                ]
            )
        }
    }

    @Test("the started event is complete")
    func started() throws {
        let data: JSON = [
            "project": "p", "stage": "s", "service": "v", "labels": ["a": "b", "n": 1, "executor.commit": "old"],
            "status": "succeeded",
        ]
        let started = plainAnswers.started(
            for: try request(event("sh.keptn.event.test.triggered", data)),
            plan: plan("test.triggered.sh", "all.events.py")
        )
        #expect(
            try Self.data(started) == [
                "project": "p", "stage": "s", "service": "v", "labels": ["a": "b", "n": "1"],
                "message": "running test.triggered.sh, all.events.py",
            ]
        )
    }

    @Test(
        "status, result and message of each outcome",
        arguments: [
            (outcome(.pass, "fine"), "succeeded", "pass", "fine"), (outcome(.pass, ""), "succeeded", "pass", ""),
            (outcome(.fail, "exit status 3 of x.sh"), "succeeded", "fail", "exit status 3 of x.sh"),
            (outcome(.fail, ""), "succeeded", "fail", "the run failed and gave no reason"),
            (outcome(.errored, "cannot connect"), "errored", "fail", "cannot connect"),
            (outcome(.errored, ""), "errored", "fail", "the run could not be done and gave no reason"),
        ]
    )
    func outcomes(outcome: RunOutcome, status: String, result: String, message: String) throws {
        let data = try Self.data(Self.finished(plainAnswers, event("sh.keptn.event.test.triggered"), outcome))
        #expect(
            data == [
                "project": "sockshop", "stage": "dev", "service": "carts", "status": .string(status), "result": .string(result),
                "message": .string(message),
            ]
        )
    }

    @Test("an empty message of a failure takes the first reason of its files")
    func reasonOfStep() throws {
        let step = StepOutcome(
            script: script("test.triggered.sh"),
            result: .fail,
            ending: .exited(3),
            duration: .zero,
            output: "",
            reason: "exit status 3 of test.triggered.sh"
        )
        let finished = try Self.finished(
            plainAnswers,
            event("sh.keptn.event.test.triggered"),
            RunOutcome(result: .fail, message: "", steps: [step])
        )
        #expect(finished.dataObject?["message"] == "exit status 3 of test.triggered.sh")
    }

    @Test(
        "results of scripts go below the task's name, and never over Keptn's own fields",
        arguments: ["test", "message", "project"]
    )
    func taskData(task: String) throws {
        let finished = try Self.finished(
            plainAnswers,
            event("sh.keptn.event.\(task).triggered"),
            outcome(.pass, "m", taskData: ["start": "now", "n": 1])
        )
        let data = try #require(finished.dataObject)
        #expect(data["test"] == (task == "test" ? ["start": "now", "n": 1] : nil))
        #expect(data["message"] == "m")
        #expect(data["project"] == "sockshop")
    }

    @Test("labels: the event's own as text, without those of earlier runs, and which files of which commits ran")
    func labels() throws {
        let event = try event(
            "sh.keptn.event.test.triggered",
            ["project": "p", "labels": ["a": "b", "n": 1, "executor.commit": "old", "executor.stale": "7"]]
        )
        let request = try request(event)
        func labels(_ scripts: Script...) -> JSON? {
            answers().finished(for: request, plan: Plan(scripts: scripts), outcome: outcome()).events.last?.dataObject?["labels"]
        }
        #expect(
            labels(script("test.triggered.sh", commit: "c1"), script("all.events.sh", .project, commit: "c1"))
                == ["a": "b", "n": "1", "executor.commit": "c1", "executor.script": "test.triggered.sh, all.events.sh"]
        )
        #expect(
            labels(script("test.triggered.sh", .project, commit: "c2"), script("test.triggered.py", .service, commit: "c1"))
                == [
                    "a": "b", "n": "1", "executor.commit": "service:c1, project:c2",
                    "executor.script": "test.triggered.sh, test.triggered.py",
                ]
        )
    }

    @Test("stale files are said in the first line and in a label")
    func stale() throws {
        let staleness = Snapshot.Staleness(failureClass: "dns", reason: "cannot resolve git.example", age: .milliseconds(90_900))
        let request = try request(event("sh.keptn.event.test.triggered"))
        let line = "stale: the files are those of 90 s ago, because the refresh failed (dns): cannot resolve git.example"
        for (message, expected) in [("out", line + "\nout"), ("", line)] {
            let reply = plainAnswers.finished(
                for: request,
                plan: plan("test.triggered.sh"),
                outcome: outcome(.pass, message),
                staleness: staleness
            )
            #expect(reply.events.first?.dataObject?["message"] == .string(expected))
            #expect(reply.events.first?.dataObject?["labels"] == ["executor.stale": "90"])
        }
    }

    @Test("a message keeps to its limit, head and tail, between characters", arguments: [0, 1, 40, 60, 100, 299])
    func limit(limit: Int) throws {
        let long = "head" + String(repeating: "é😀", count: 50) + "tail"
        let answers = answers { $0.messageLimit = limit }
        let message = try #require(
            Self.finished(answers, event("sh.keptn.event.test.triggered"), outcome(.pass, long)).dataObject?["message"]?.string
        )
        #expect(message.utf8.count <= limit)
        #expect(!message.contains("\u{FFFD}"))
        if limit >= 60 {
            #expect(message.hasPrefix("head") && message.hasSuffix("tail"))
            #expect(message.contains(" bytes left out ...]\n"))
        }
    }

    @Test("nothing is answered but tasks, and tasks only for a file of their own", arguments: CloudEvent.SpecVersion.allCases)
    func unanswered(version: CloudEvent.SpecVersion) throws {
        let task = "sh.keptn.event.test.triggered"
        let cases: [(String, Plan, Bool)] = [
            (task, plan("test.triggered.sh"), version == .v1_0),
            (task, plan("all.events.sh", "test.triggered.py"), version == .v1_0),
            (task, plan("all.events.sh"), false), (task, plan(), false),
            ("sh.keptn.event.dev.delivery.triggered", plan("delivery.triggered.sh"), false),
            ("sh.keptn.event.test.finished", plan("test.finished.sh"), false),
            ("sh.keptn.events.tests-finished", plan("tests.finished.sh"), false),
        ]
        for (type, plan, isAnswered) in cases {
            let request = try request(event(type, version: version))
            #expect(plainAnswers.isAnswered(request, plan) == isAnswered, "\(type)")
            #expect((plainAnswers.started(for: request, plan: plan) != nil) == isAnswered, "\(type)")
            #expect(
                plainAnswers.finished(for: request, plan: plan, outcome: outcome()).events.count == (isAnswered ? 1 : 0),
                "\(type)"
            )
            #expect((plainAnswers.errored(for: request, plan: plan, reason: "r") != nil) == isAnswered, "\(type)")
        }
    }

    @Test("all.events alone answers where that is wanted")
    func answersAllEvents() throws {
        let answers = answers { $0.answersAllEvents = true }
        let request = try request(event("sh.keptn.event.test.triggered"))
        #expect(answers.started(for: request, plan: plan("all.events.sh")) != nil)
        #expect(answers.finished(for: request, plan: plan("all.events.sh"), outcome: outcome()).events.count == 1)
        #expect(answers.started(for: request, plan: plan()) == nil)
    }

    @Test("a run that could not be is errored, with its reason")
    func errored() throws {
        let request = try request(event("sh.keptn.event.test.triggered"))
        let answer = plainAnswers.errored(
            for: request,
            plan: plan("test.triggered.sh"),
            reason: "errored: interrupted by a restart"
        )
        let data = try Self.data(answer)
        #expect(data["status"] == "errored")
        #expect(data["result"] == "fail")
        #expect(data["message"] == "errored: interrupted by a restart")
        #expect(answer?.type == "sh.keptn.event.test.finished")
    }

    @Test("the source and the ids are ours to choose; ids differ by themselves")
    func source() throws {
        var settings = Answers.Settings()
        settings.source = "other"
        let answers = Answers(settings: settings)
        let request = try request(event("sh.keptn.event.test.triggered"))
        let started = try #require(answers.started(for: request, plan: plan("test.triggered.sh")))
        let finished = try #require(answers.errored(for: request, plan: plan("test.triggered.sh"), reason: "r"))
        #expect(started.source == "other")
        #expect(started.id != finished.id)
    }
}
