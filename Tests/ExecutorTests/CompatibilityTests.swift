import CloudEvents
import Model
import TestSupport
import Testing

@testable import Executor

/// What the original promised, for its versions 0.3 (the README, "Seed") and 0.8, with real scripts.
@Suite(.timeLimit(.minutes(3)))
struct CompatibilityTests {
    private let workshop: Workshop

    init() throws { workshop = try Workshop() }

    @Test("Seed: the all.events.sh sample prints context, project, service, stage, label and the service's variable")
    func allEvents() async throws {
        var workshop = workshop
        workshop.settings.serviceEnvironment["TESTTOKEN"] = "t0ken"
        try workshop.write(
            "all.events.sh",
            """
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
        )
        let outcome = try await workshop.run(
            .sample(
                names: ["configuration.change"],
                variables: [
                    Variable("CONTEXT", "ctx-1"), Variable("PROJECT", "sockshop"), Variable("SERVICE", "carts"),
                    Variable("STAGE", "dev"), Variable("LABEL_gitcommit", "c0ffee"), Variable("LABEL_GITCOMMIT", "c0ffee"),
                ]
            )
        )
        #expect(outcome.result == .pass)
        #expect(
            outcome.message == """
                This is my all.events.sh script
                Context = ctx-1
                Project = sockshop
                Project = sockshop
                Service = carts
                Stage = dev
                GitCommit = c0ffee
                TestToken = t0ken

                """
        )
    }

    @Test("Seed: the action.triggered.myaction.py sample gets the event's file as argument 1 and the problem in its environment")
    func myAction() async throws {
        try workshop.write(
            "action.triggered.myaction.py",
            """
            import os
            import sys
            # Lets get the first parameter which could potentially be a local file name
            methodArg = ""
            if len(sys.argv) > 1:
                methodArg = sys.argv[1]
            print("This is my genericactionname handler script and I got passed " + methodArg + " as parameter")
            print("I also have some env variables, e.g: PID=" + os.getenv('PID', "") + ", CONTEXT=" + os.getenv('CONTEXT', ""))
            print("SOURCE=" + os.getenv('SOURCE',""))
            print("PROJECT=" + os.getenv('PROJECT',""))
            print("PROBLEMTITLE=" + os.getenv('PROBLEMTITLE',""))
            print("MESSAGE=" + os.getenv('VALUE_MESSAGE',""))
            """
        )
        try workshop.write("all.events.sh", "echo never")
        let outcome = try await workshop.run(
            .sample(
                names: ["action.triggered.myaction", "action.triggered"],
                variables: [
                    Variable("PID", "-6665700014152199021"), Variable("CONTEXT", "ctx"),
                    Variable("SOURCE", "remediation-service"),
                    Variable("PROJECT", "demo-remediation"), Variable("PROBLEMTITLE", "Simulated Power outage"),
                    Variable("VALUE_MESSAGE", "Please make sure nobody dripped on a cable!"),
                ],
                firstMatchOnly: true
            )
        )
        #expect(outcome.steps.map(\.script.name) == ["action.triggered.myaction.py"])
        #expect(outcome.result == .pass)
        let lines = outcome.message.split(separator: "\n")
        try #require(lines.count == 6)
        #expect(lines[0].hasPrefix("This is my genericactionname handler script and I got passed /"))
        #expect(lines[0].hasSuffix("/event-1.event.json as parameter"))
        #expect(
            lines.dropFirst() == [
                "I also have some env variables, e.g: PID=-6665700014152199021, CONTEXT=ctx", "SOURCE=remediation-service",
                "PROJECT=demo-remediation", "PROBLEMTITLE=Simulated Power outage",
                "MESSAGE=Please make sure nobody dripped on a cable!",
            ]
        )
    }

    @Test("Seed: configuration.change.sh and .py run before all.events.sh, each from its own level")
    func order() async throws {
        try workshop.write("all.events.sh", "echo service all", level: .service)
        try workshop.write("configuration.change.py", "print('service py')", level: .service)
        try workshop.write("configuration.change.py", "print('never')", level: .project)
        try workshop.write("configuration.change.sh", "echo stage sh $SCRIPT_LEVEL $SCRIPT_BRANCH", level: .stage)
        try workshop.write("configuration.change.sh", "echo never", level: .project)
        let outcome = try await workshop.run(.sample(names: ["configuration.change"]))
        #expect(outcome.message == "stage sh stage dev\nservice py\nservice all\n")
    }

    @Test("Seed: exit code 0 is pass, any other is fail", arguments: [(0, RunResult.pass), (1, .fail), (255, .fail)])
    func exitCode(status: Int, result: RunResult) async throws {
        #expect(try await workshop.runShell("exit \(status)").result == result)
    }

    @Test("Seed: {\"error\": \"errormessage\"} is the reason, although the exit code is 0")
    func error() async throws {
        let outcome = try await workshop.runShell("echo '{'; echo '\"error\" : \"errormessage\"'; echo '}'")
        #expect(outcome.result == .fail)
        #expect(outcome.steps.first?.reason == "errormessage")
        #expect(outcome.message == "errormessage")
    }

    @Test("Seed: a Keptn event on standard output is a follow-up; what goes to standard error does not spoil it")
    func followUp() async throws {
        let outcome = try await workshop.runShell(
            """
            echo 'sending' >&2
            cat <<END
            {
            "type" : "sh.keptn.events.tests-finished",
            "data" : { "result" : "pass", "labels" : { "TestReportLink" : "https://mytestingtoolreport" } }
            }
            END
            """
        )
        #expect(outcome.result == .pass)
        #expect(outcome.followUps.count == 1)
        #expect(outcome.followUps.first?["type"] == "sh.keptn.events.tests-finished")
        #expect(outcome.taskData.isEmpty)
    }

    @Test("Seed: argument 1 is a file with the whole event, as it came")
    func argument() async throws {
        try workshop.write(
            "test.triggered.py",
            "import json, sys; e = json.load(open(sys.argv[1])); print(e['type'], e['data']['labels']['a'])"
        )
        let outcome = try await workshop.run(.sample(data: ["labels": ["a": "b c"]]))
        #expect(outcome.message == "sh.keptn.event.test.triggered b c\n")
    }

    @Test("0.8: DATA_ variables in bash and python, brackets too")
    func data() async throws {
        let data: JSON = ["labels": ["x": "1"], "arr": [["k": "v"], "s"], "flag": true, "n": 2]
        try workshop.write(
            "test.triggered.sh",
            "echo $DATA_LABELS_X $DATA_ARR_0_K $DATA_ARR_1 $DATA_FLAG $DATA_N $ID; printenv 'DATA_ARR[0]_K'"
        )
        try workshop.write("test.triggered.py", "import os; print(os.environ['DATA_ARR[0]_K'], os.environ['DATA_LABELS_X'])")
        let outcome = try await workshop.run(.sample(id: "e", data: data))
        #expect(outcome.message == "1 v s true 2 e\nv\nv 1\n")
    }

    @Test("0.8: $ID.finished.event.json in the working directory is the result, before standard output")
    func finishedFile() async throws {
        let outcome = try await workshop.runShell(
            """
            echo '{"from": "file", "score": 1.50}' > "$ID.finished.event.json"
            echo '{"from": "output"}'
            """
        )
        #expect(outcome.result == .pass)
        #expect(outcome.taskData == ["from": "file", "score": .number(try #require(JSON(parsing: Array("1.50".utf8)).number))])
        #expect(outcome.message == "{\"from\": \"output\"}\n")
    }

    @Test("RESULT_FILE is the same by its own name, also where the id is no file name", arguments: ["event-1", "a/b"])
    func resultFile(id: String) async throws {
        let outcome = try await workshop.runShell("echo '{\"a\": 1}' > \"$RESULT_FILE\"; echo log", .sample(id: id))
        #expect(outcome.taskData == ["a": 1])
        #expect(outcome.message == "log\n")
    }

    @Test(
        "A result file that is none is passed over, and nothing hangs",
        arguments: [
            "mkfifo \"$RESULT_FILE\"", "ln -s /etc/passwd \"$RESULT_FILE\"", "mkdir \"$RESULT_FILE\"",
            "echo junk > \"$RESULT_FILE\"",
        ]
    )
    func noResultFile(script: String) async throws {
        let outcome = try await workshop.runShell(script + "; echo '{\"from\": \"output\"}'")
        #expect(outcome.result == .pass)
        #expect(outcome.taskData == ["from": "output"])
    }

    @Test("0.8: JSON on standard output is data of the task; of several files the later wins")
    func taskData() async throws {
        try workshop.write("test.triggered.sh", "echo '{\"a\": 1, \"b\": 1}'")
        try workshop.write("test.triggered.py", "print('{\"b\": 2}')")
        try workshop.write("all.events.sh", "echo text")
        #expect(try await workshop.run(.sample()).taskData == ["a": 1, "b": 2])
        #expect(try await workshop.run(.sample(task: nil)).taskData.isEmpty)
    }
}
