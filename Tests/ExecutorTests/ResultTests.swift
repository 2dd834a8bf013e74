import Basics
import CloudEvents
import Model
import TestSupport
import Testing

@testable import Executor

struct ResultTests {
    static let script = Script(
        name: "test.triggered.sh",
        kind: .sh,
        level: .stage,
        branch: "dev",
        commit: "c",
        folder: "genericexecutor",
        path: "/x"
    )

    @Test(
        "{\"error\": ...}: any kind of value is one, except those that say there is none",
        arguments: [
            (#"{"error":"errormessage"}"#, "errormessage"), (" \n\t{ \"error\" : \"x\" }\r\n", "x"),
            (#"{"error":{"a":1}}"#, #"{"a":1}"#),
            (#"{"error":["a"]}"#, #"["a"]"#), (#"{"error":true}"#, "true"), (#"{"error":42}"#, "42"), (#"{"error":null}"#, nil),
            (#"{"error":false}"#, nil), (#"{"error":""}"#, nil), (#"{"error":[]}"#, nil), (#"{"error":{}}"#, nil),
            (#"{"type":"sh.keptn.event.x.finished","error":"e"}"#, "e"),
        ] as [(String, String?)]
    )
    func errors(text: String, expected: String?) {
        let result = ResultObject(Array(text.utf8), allowsFollowUp: true)
        if let expected {
            #expect(result == .error(expected))
        } else if case .data = result {
        } else {
            Issue.record("\(String(describing: result))")
        }
    }

    @Test(
        "A result is one JSON object and nothing else",
        arguments: ["", "text", "[1]", "\"a\"", "1", "{", "{} {}", "{\"a\":1} trailing", "x {\"a\":1}", "{\"a\":}"]
    )
    func noResult(text: String) { #expect(ResultObject(Array(text.utf8), allowsFollowUp: true) == nil) }

    @Test("Seed: an object with the type of a Keptn event is an event to send, as it was written")
    func followUp() throws {
        let text = """
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
        guard case .followUp(let event)? = ResultObject(Array(text.utf8), allowsFollowUp: true) else {
            Issue.record("not an event")
            return
        }
        #expect(event["type"] == "sh.keptn.events.tests-finished")
        #expect(JSON.object(event).value(at: "data.labels.TestReportLink") == "https://mytestingtoolreport")
        guard case .data = ResultObject(Array(text.utf8), allowsFollowUp: false) else {
            Issue.record("a response became an event")
            return
        }
    }

    @Test(
        "Other types, and types that are no string, are data",
        arguments: [#"{"type":"com.example"}"#, #"{"type":1}"#, #"{"typ":"sh.keptn.event.x"}"#]
    )
    func data(text: String) {
        guard case .data? = ResultObject(Array(text.utf8), allowsFollowUp: true) else {
            Issue.record("not data")
            return
        }
    }

    @Test("The result file counts before standard output; if it is no object, standard output does")
    func precedence() {
        let (file, output) = (Array(#"{"from":"file"}"#.utf8), Array(#"{"from":"output"}"#.utf8))
        #expect(ResultObject.first(of: [file, output], allowsFollowUp: true) == .data(["from": "file"]))
        #expect(ResultObject.first(of: [Array("junk".utf8), output], allowsFollowUp: true) == .data(["from": "output"]))
        #expect(ResultObject.first(of: [], allowsFollowUp: true) == nil)
    }

    @Test(
        "Standard output is kept as a whole only while it can be an object",
        arguments: [
            (["{\"a\"", ":1}"], "{\"a\":1}"), ([" \n", "", " {", "}"], "{}"), (["x{"], nil), (["  ", "y", "{"], nil), ([], nil),
            (["\n"], nil),
            (["{" + String(repeating: " ", count: 98), "}"], "{" + String(repeating: " ", count: 98) + "}"),
            (["{" + String(repeating: " ", count: 99), "}"], nil),
        ] as [([String], String?)]
    )
    func collector(pieces: [String], expected: String?) {
        var collector = ResultCollector(limit: 100)
        for piece in pieces { collector.append(Array(piece.utf8)) }
        #expect(collector.whole.map { String(decoding: $0, as: UTF8.self) } == expected)
    }

    private func verdict(_ report: StepReport) -> StepVerdict {
        StepVerdict(report, of: Self.script, duration: .seconds(1), redactor: Redactor(secrets: ["hunter22"]))
    }

    @Test(
        "Seed: exit code 0 and status 2xx pass, all else fails; what could not run is errored; the message is never empty",
        arguments: [
            (StepReport(ending: .exited(0)), .pass, ""), (StepReport(ending: .exited(0), output: "hi\n"), .pass, "hi\n"),
            (StepReport(ending: .exited(3)), .fail, "exit status 3 of test.triggered.sh"),
            (StepReport(ending: .exited(3), output: " \n"), .fail, " \nexit status 3 of test.triggered.sh"),
            (StepReport(ending: .exited(3), output: "why\n"), .fail, "why\n"),
            (
                StepReport(ending: .exited(3), output: "why", hints: ["it is odd"]), .fail,
                "why\nexit status 3 of test.triggered.sh; it is odd"
            ),
            (StepReport(ending: .exited(137)), .fail, "exit status 137 of test.triggered.sh"),
            (StepReport(ending: .signalled(9), output: "a"), .fail, "a\nsignal 9 ended test.triggered.sh"),
            (
                StepReport(ending: .timedOut(after: .seconds(300)), output: "a\n"), .fail,
                "a\ntest.triggered.sh did not end within 5m (SCRIPT_TIMEOUT) and was stopped"
            ),
            (StepReport(ending: .cancelled), .fail, "test.triggered.sh was cancelled"),
            (StepReport(ending: .failed("no bash")), .errored, "no bash"),
            (StepReport(ending: .responded(status: 204)), .pass, ""),
            (StepReport(ending: .responded(status: 299), output: "b"), .pass, "b"),
            (StepReport(ending: .responded(status: 300)), .fail, "HTTP status 300 of test.triggered.sh"),
            (StepReport(ending: .responded(status: 503), output: "down", reason: "HTTP 503 from GET http://x"), .fail, "down"),
        ] as [(StepReport, RunResult, String)]
    )
    func verdicts(report: StepReport, result: RunResult, message: String) {
        let verdict = verdict(report)
        #expect(verdict.outcome.result == result)
        #expect(verdict.message == message)
        #expect((verdict.outcome.reason == nil) == (result == .pass))
    }

    @Test("Seed: {\"error\": \"errormessage\"} fails with that text, whatever the exit code", arguments: [0, 1])
    func errorMessage(status: Int) {
        let text = "{\n\"error\" : \"errormessage\"\n}\n"
        let verdict = verdict(StepReport(ending: .exited(status), output: text, results: [Array(text.utf8)]))
        #expect(verdict.outcome.result == .fail)
        #expect(verdict.outcome.reason == "errormessage")
        #expect(verdict.message == "errormessage")
    }

    @Test(
        "Notes of ours stand before the output, and neither explain a failure nor count as content",
        arguments: [
            (StepReport(ending: .responded(status: 500), notes: "note\n"), "note\nHTTP status 500 of test.triggered.sh", true),
            (StepReport(ending: .exited(0), output: " \n", notes: "note\n"), "note\n \n", true),
            (StepReport(ending: .exited(3), output: "why", notes: "note\n"), "note\nwhy", false),
            (
                StepReport(
                    ending: .exited(0),
                    output: #"{"error":"e"}"#,
                    notes: "note\n",
                    results: [Array(#"{"error":"e"}"#.utf8)]
                ),
                "note\ne", false
            ),
        ]
    )
    func notes(report: StepReport, message: String, isSilent: Bool) {
        let verdict = verdict(report)
        #expect(verdict.message == message)
        #expect(verdict.isSilent == isSilent)
        #expect(verdict.outcome.output == report.notes + report.output)
    }

    @Test("An error from the result file stands after what was printed; a failure with data still says why")
    func errorInFile() {
        let failed = verdict(StepReport(ending: .exited(0), output: "log", results: [Array(#"{"error":"e"}"#.utf8)]))
        #expect(failed.message == "log\ne")
        let odd = verdict(StepReport(ending: .exited(0), results: [Array(#"{"error":"e"}"#.utf8)], hints: ["it is odd"]))
        #expect(odd.message == "e")
        let data = verdict(StepReport(ending: .exited(2), results: [Array(#"{"a":1}"#.utf8)]))
        #expect(data.message == "exit status 2 of test.triggered.sh")
        #expect(data.taskData == ["a": 1])
    }

    @Test(
        "A file that was stopped has no result",
        arguments: [.signalled(9), .timedOut(after: .seconds(1)), .cancelled, .failed("x")] as [Ending]
    )
    func stopped(ending: Ending) {
        let verdict = verdict(StepReport(ending: ending, results: [Array(#"{"type":"sh.keptn.event.x.finished"}"#.utf8)]))
        #expect(verdict.followUp == nil)
        #expect(verdict.taskData.isEmpty)
    }

    @Test("Secrets are masked after results were parsed")
    func masks() {
        let result = #"{"error":"bad password hunter22"}"#
        let verdict = verdict(StepReport(ending: .exited(0), output: "***", results: [Array(result.utf8)]))
        #expect(verdict.outcome.reason == "bad password ***")
        #expect(verdict.message == "***\nbad password ***")
    }

    private func outcome(_ reports: [StepReport], task: String? = "test", limit: Int = 32_768) -> RunOutcome {
        RunOutcome(reports.map(verdict), request: .sample(task: task), messageLimit: limit)
    }

    @Test("The run's result is the worst, its message the outputs in order")
    func run() {
        let run = outcome([
            StepReport(ending: .exited(0), output: "one"), StepReport(ending: .exited(1)),
            StepReport(ending: .exited(0), output: "three\n"),
        ])
        #expect(run.result == .fail)
        #expect(run.message == "one\nexit status 1 of test.triggered.sh\nthree\n")
        #expect(run.steps.map(\.result) == [.pass, .fail, .pass])
        #expect(outcome([StepReport(ending: .exited(1)), StepReport(ending: .failed("x"))]).result == .errored)
        #expect(outcome([]).result == .pass)
    }

    @Test("0.8: result objects are merged for the task, the later wins; follow-ups come in order")
    func merging() {
        let reports = [
            #"{"a":1,"b":1}"#, #"{"type":"sh.keptn.event.one.finished"}"#, #"{"b":2}"#,
            #"{"type":"sh.keptn.event.two.finished"}"#,
        ]
        .map { StepReport(ending: .exited(0), results: [Array($0.utf8)]) }
        let run = outcome(reports)
        #expect(run.taskData == ["a": 1, "b": 2])
        #expect(run.followUps.map { $0["type"]?.string } == ["sh.keptn.event.one.finished", "sh.keptn.event.two.finished"])
        #expect(outcome(reports, task: nil).taskData.isEmpty)
    }

    @Test("A long message keeps its beginning and its end, cut between characters")
    func messageLimit() {
        let run = outcome(
            [
                StepReport(ending: .exited(0), output: "begin " + String(repeating: "€", count: 1_000)),
                StepReport(ending: .exited(0), output: String(repeating: "😀", count: 1_000) + " end"),
            ],
            limit: 1_000
        )
        #expect(run.message.utf8.count <= 1_000)
        #expect(run.message.hasPrefix("begin €"))
        #expect(run.message.hasSuffix("😀 end"))
        #expect(run.message.contains("bytes left out ...]"))
        #expect(!run.message.contains("\u{FFFD}"))
    }

    @Test(
        "Interpreter lines",
        arguments: [
            ("#!/bin/bash\n", "/bin/bash", []), ("#!/usr/bin/perl -w -T\r\nx", "/usr/bin/perl", ["-w -T"]),
            ("#! /bin/sh \n", "/bin/sh", []),
            ("#!/usr/bin/env node\r\n", "node", []), ("#!/usr/bin/env -S deno run -A\n", "deno", ["run", "-A"]),
            ("#!/usr/bin/env\n", nil, []),
            ("", nil, []), ("echo", nil, []), ("#!", nil, []), ("#!\n", nil, []), (" #!/bin/sh", nil, []),
            ("#!/bin/x", "/bin/x", []),
        ] as [(String, String?, [String])]
    )
    func interpreterLine(text: String, program: String?, arguments: [String]) {
        let line = InterpreterLine(text.utf8)
        #expect(line?.program == program)
        #expect(line?.arguments ?? [] == arguments)
    }

    @Test(
        "Who runs a file: bash and python3, unless it names somebody else",
        arguments: [
            ("#!/bin/sh", InterpreterKind.bash, true), ("#!/usr/bin/env bash", .bash, true), ("#!/bin/zsh", .bash, false),
            ("#!/usr/bin/env python3", .bash, false), ("#!/usr/bin/python3.11", .python, true),
            ("#!/usr/bin/env python", .python, true),
            ("#!/bin/sh", .python, true), ("#!/usr/bin/env ruby", .python, false), ("#!/usr/bin/python2", .python, false),
        ]
    )
    func usual(text: String, kind: InterpreterKind, isUsual: Bool) throws {
        #expect(try #require(InterpreterLine(text.utf8)).isUsual(for: kind) == isUsual)
    }

    @Test("Fuzz: results and interpreter lines of any bytes")
    func fuzz() {
        let valid = [
            #"{"error":{"a":[1,null]},"type":"sh.keptn.event.x.finished"}"#, "#!/usr/bin/env -S a b c\r\necho",
            "{\"type\":\"sh.keptn.events.x\"}",
        ]
        let seed = UInt64.random(in: 0...UInt64.max)
        var fuzzer = Fuzzer(seed: seed)
        for round in 0..<5_000 {
            let bytes = fuzzer.mutate(
                Array(valid[round % 3].utf8),
                tokens: ["#!", "env", "\\u0000", "{", "null", "\r\n", "\u{FEFF}"]
            )
            let result = ResultObject(bytes, allowsFollowUp: true)
            let line = InterpreterLine(bytes)
            _ = ScriptText(bytes, kind: .bash)
            if result != nil { #expect((try? JSON(parsing: bytes))?.object != nil, "seed \(seed)") }
            if let line { #expect(!line.program.isEmpty, "seed \(seed)") }
        }
    }
}
