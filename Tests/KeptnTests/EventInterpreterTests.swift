import CloudEvents
import Keptn
import Model
import TestSupport
import Testing

@Suite("Event interpreter")
struct EventInterpreterTests {
    @Test(
        "project, stage and service are read whatever the case of their names",
        arguments: [
            (["project": "p", "stage": "s", "service": "v"], "p s v"), (["Project": "p", "STAGE": "s", "Service": "v"], "p s v"),
            (["project": "p"], "p - -"), (["project": "p", "stage": "", "service": .null], "p - -"),
            (["project": "p", "service": "v"], "p - v"), (["project": "sock shop", "stage": "dev.1"], "sock shop dev.1 -"),
        ] as [(JSON, String)]
    )
    func scope(data: JSON, expected: String) throws {
        let scope = try request(event("t", data)).scope
        #expect([scope.project, scope.stage, scope.service].map { $0?.text ?? "-" }.joined(separator: " ") == expected)
    }

    @Test(
        "an event that cannot be placed is ignored, with the reason",
        arguments: [
            (nil, "names no project"), ([:], "names no project"), ([1], "names no project"), ("text", "names no project"),
            (["project": .null], "names no project"), (["project": ""], "names no project"),
            (["project": 7], "data.project is not a string"),
            (["project": ["a"]], "data.project is not a string"),
            (["project": "a/b"], #"data.project is "a/b", which is not a plain name"#),
            (["project": ".."], "data.project is"), (["project": "p", "stage": "../x"], "data.stage is"),
            (["project": "p", "stage": "a\nb"], #"data.stage is "a\nb""#),
            (["project": "p", "service": "a\0b"], "data.service is"),
            (["project": "p", "service": false], "data.service is not a string"),
        ] as [(JSON?, String)]
    )
    func ignored(data: JSON?, sentence: String) throws {
        let reason = try #require(reasonToIgnore(event("sh.keptn.event.test.triggered", data)))
        #expect(reason.contains(sentence), "\(reason)")
    }

    @Test(
        "names, task and urgency of each type",
        arguments: [
            ("sh.keptn.event.test.triggered", .v1_0, ["test.triggered"], "test", false),
            ("sh.keptn.event.test.triggered", .v0_2, ["test.triggered"], nil, false),
            ("sh.keptn.event.test.finished", .v1_0, ["test.finished"], nil, false),
            ("sh.keptn.event.dev.delivery.triggered", .v1_0, ["delivery.triggered"], nil, false),
            ("sh.keptn.event..triggered", .v1_0, ["sh.keptn.event.triggered"], nil, false),
            ("sh.keptn.event.problem.open", .v0_2, ["problem.open"], nil, true),
            ("sh.keptn.events.problem", .v0_2, ["problem.open"], nil, true),
            ("Workload Deployment.Started", .v1_0, ["workload-deployment.started"], nil, false),
            ("all.events", .v1_0, [], nil, false),
        ] as [(String, CloudEvent.SpecVersion, [String], String?, Bool)]
    )
    func types(type: String, version: CloudEvent.SpecVersion, names: [String], task: String?, isUrgent: Bool) throws {
        let request = try request(event(type, version: version))
        #expect(request.names == names)
        #expect(request.task == task)
        #expect(request.isUrgent == isUrgent)
        #expect(!request.firstMatchOnly)
    }

    @Test(
        "Seed: action.triggered asks for the first match of its action's files",
        arguments: [CloudEvent.SpecVersion.v0_2, .v1_0]
    )
    func action(version: CloudEvent.SpecVersion) throws {
        let data: JSON = ["project": "p", "Action": ["Action": "PowerOutage"]]
        let request = try request(event("sh.keptn.event.action.triggered", data, version: version))
        #expect(request.names == ["action.triggered.PowerOutage", "action.triggered"])
        #expect(request.firstMatchOnly)
        #expect(request.isUrgent)
        #expect(request.task == (version == .v1_0 ? "action" : nil))
    }

    @Test(
        "an action without a plain name is ignored",
        arguments: [
            (["project": "p"], "names no action"), (["project": "p", "action": "scale"], "names no action"),
            (["project": "p", "action": ["action": "../../evil"]], #"data.action.action is "../../evil""#),
            (["project": "p", "action": ["action": 7]], "data.action.action is not a string"),
        ] as [(JSON, String)]
    )
    func badAction(data: JSON, sentence: String) throws {
        let reason = try #require(reasonToIgnore(event("sh.keptn.event.action.triggered", data)))
        #expect(reason.contains(sentence), "\(reason)")
    }

    @Test("the era can be set against the specversion")
    func era() throws {
        let type = "sh.keptn.event.test.triggered"
        #expect(try request(event(type), era: .keptn07).task == nil)
        #expect(try request(event(type, version: .v0_2), era: .keptn08).task == "test")
    }

    @Test(
        "a commit pins only if it is one",
        arguments: [
            (.string(String(repeating: "0f", count: 20)), true), (.string(String(repeating: "0F", count: 32)), true), ("", false),
            ("\"\"", false),
            ("main", false), (.string(String(repeating: "xy", count: 20)), false), (7, false), ([], false),
        ] as [(JSON, Bool)]
    )
    func commit(value: JSON, isPinned: Bool) throws {
        let request = try request(event("t", extensions: ["gitcommitid": value]))
        #expect(request.commit == (isPinned ? value.string : nil))
    }

    @Test("survives whatever comes", .timeLimit(.minutes(3)), arguments: [3, 14] as [UInt64])
    func fuzz(seed: UInt64) throws {
        let sample = """
            {"specversion":"1.0","id":"1","source":"s","type":"sh.keptn.event.action.triggered","gitcommitid":"x","data":{"project":"p",
            "stage":"s","service":"v","labels":{"a":"b","c":[1]},"action":{"action":"a","value":{"Message":"m"}},"problem":{"PID":"1"},
            "deployment":{"deploymentURIsLocal":["http://x"]}}}
            """
        let tokens = ["null", "[]", "{}", "7", "\"\"", "/", "..", "\\u0000", "0.2", "test", ".triggered", "started", "é"]
        var fuzzer = Fuzzer(seed: seed)
        var answered = 0
        for round in 0..<4000 {
            let input = fuzzer.mutate(Array(sample.utf8), tokens: tokens)
            guard let event = try? EventDecoder.decode(structured: input, now: answerTime) else { continue }
            guard case .run(let request) = EventInterpreter().interpret(event) else { continue }
            #expect(request.scope.project != nil, "seed \(seed), round \(round): \(input)")
            #expect(
                request.names.allSatisfy { !$0.contains("/") && !$0.contains("..") },
                "seed \(seed), round \(round): \(input)"
            )
            let plan = plan("x.sh"), answers = answers()
            let reply = answers.finished(for: request, plan: plan, outcome: outcome(.fail, ""))
            #expect(
                (answers.started(for: request, plan: plan) == nil) == reply.events.isEmpty,
                "seed \(seed), round \(round): \(input)"
            )
            answered += reply.events.count
        }
        #expect(answered > 100, "seed \(seed): the mutations leave too few events that are answered")
    }
}
