import CloudEvents
import Model
import TestSupport
import Testing

@testable import Executor

struct VariableTests {
    @Test(
        "Globs",
        arguments: [
            ("*", "ANY", true), ("*", "", true), ("", "", true), ("", "A", false), ("SECRET_*", "secret_x", true),
            ("SECRET_*", "MY_SECRET_X", false), ("*_TOKEN", "GIT_TOKEN", true), ("*_TOKEN", "GIT_TOKENS", false),
            ("A*B*C", "AxxBxBxC", true), ("A*B*C", "AxxBxBx", false), ("A?C", "ABC", true), ("A?C", "AC", false),
            ("A*", "A", true),
            ("**", "X", true), ("HTTP.PROXY", "HTTPXPROXY", false),
        ]
    )
    func glob(pattern: String, name: String, matches: Bool) {
        #expect(Glob(pattern).matches(name) == matches)
    }

    @Test("A glob made to be slow is not", .timeLimit(.minutes(3)))
    func slowGlob() {
        #expect(!Glob(String(repeating: "*a", count: 200) + "b").matches(String(repeating: "a", count: 20_000)))
    }

    @Test(
        "Names that an event can never set",
        arguments: [
            "PATH", "path", "HOME", "LD_PRELOAD", "BASH_ENV", "ENV", "IFS", "SHELLOPTS", "PS4", "BASH_FUNC_ls%%", "PYTHONPATH",
            "PERL5OPT", "GIT_SSH_COMMAND", "https_proxy", "NO_PROXY", "TMPDIR", "EVENT_FILE", "RESULT_FILE", "RUN_ID",
            "SCRIPT_LEVEL",
            "TRACEPARENT", "LC_ALL",
        ]
    )
    func reserved(name: String) { #expect(VariableName.isReserved(name)) }

    @Test(
        "Names that it can",
        arguments: [
            "PROJECT", "PID", "LABEL_PATH", "DATA_HTTP_PROXY", "VALUE_LD_PRELOAD", "ENV_GIT", "CE_PATH", "EVENT", "PATHS",
        ]
    )
    func notReserved(name: String) { #expect(!VariableName.isReserved(name)) }

    @Test(
        "The shell-readable form",
        arguments: [
            ("PROJECT", nil), ("LABEL_gitcommit", nil), ("LABEL_git-commit", "LABEL_GIT_COMMIT"),
            ("DATA_ARR[4]_K", "DATA_ARR_4__K"),
            ("LABEL_a b", "LABEL_A_B"), ("LABEL_größe", "LABEL_GR_SSE"), ("LABEL_😀", "LABEL__"), ("", nil),
        ] as [(String, String?)]
    )
    func readable(name: String, expected: String?) { #expect(VariableName.readable(name) == expected) }

    private func variables(_ json: String) throws -> [String: String] {
        let request = ScriptRequest.sample(data: try JSON(parsing: Array(json.utf8)))
        let (variables, isCut) = EventVariable.all(of: request.event)
        #expect(!isCut)
        return Dictionary(variables.flatMap { v in v.names.map { ($0, v.value) } }) { first, _ in first }
    }

    @Test("0.8: every scalar of data by its path")
    func flattening() throws {
        let data = """
            {"project":"sockshop","labels":{"x":"1","git.commit":"abc"},
             "deployment":{"deploymentURIsPublic":["http://a","http://b"]},
             "n":1.50,"big":12345678901234567890,"exp":1e3,"yes":true,"no":false,"nothing":null,"empty":"","list":[],"map":{},
             "arr":[{"k":"v"},[1,[2]],"s"]}
            """
        #expect(
            try variables(data) == [
                "DATA_PROJECT": "sockshop", "DATA_LABELS_X": "1", "DATA_LABELS_GIT_COMMIT": "abc",
                "DATA_DEPLOYMENT_DEPLOYMENTURISPUBLIC_0": "http://a", "DATA_DEPLOYMENT_DEPLOYMENTURISPUBLIC_1": "http://b",
                "DATA_N": "1.50", "DATA_BIG": "12345678901234567890", "DATA_EXP": "1000", "DATA_YES": "true", "DATA_NO": "false",
                "DATA_EMPTY": "", "DATA_ARR[0]_K": "v", "DATA_ARR_0_K": "v", "DATA_ARR[1]_0": "1", "DATA_ARR_1_0": "1",
                "DATA_ARR[1][1]_0": "2", "DATA_ARR_1_1_0": "2", "DATA_ARR_2": "s",
            ]
        )
    }

    @Test(
        "Of two paths with one name the lower depth wins, then the path that sorts first",
        arguments: [
            (#"{"a":{"b":"deep"},"a_b":"flat"}"#, "flat"), (#"{"a_b":"flat","a":{"b":"deep"}}"#, "flat"),
            (#"{"A_B":"upper","a_b":"lower"}"#, "upper"), (#"{"a_b":"lower","A_B":"upper"}"#, "upper"),
            (#"{"a.b":"dot","a_b":"line"}"#, "dot"),
        ]
    )
    func collisions(json: String, expected: String) throws { #expect(try variables(json)["DATA_A_B"] == expected) }

    @Test("Data that is no object", arguments: [("\"text\"", ["DATA": "text"]), ("[1]", ["DATA_0": "1"]), ("null", [:])])
    func scalars(json: String, expected: [String: String]) throws { #expect(try variables(json) == expected) }

    @Test("A long name above many values does not multiply: what is deepest is left out")
    func explosion() {
        let long = String(repeating: "k", count: 40_000)
        let values = JSON.array(Array(repeating: 0, count: 100_000))
        let event = ScriptRequest.sample(data: ["project": "sockshop", "list": .object(JSONObject([(long, values)]))]).event
        let (variables, isCut) = EventVariable.all(of: event)
        #expect(isCut)
        #expect(variables.contains { $0.names == ["DATA_PROJECT"] })
        #expect(variables.reduce(0) { $0 + $1.path.utf8.count } < 10 << 20)
    }

    @Test("Fuzz: whatever the event, names and values are made without a crash, and one name comes once")
    func fuzz() throws {
        let valid = #"{"data":{"a":[1,{"b":[[true],{"c-d":"é"}]}],"x=y":"z","labels":{"a b":null,"":"e"}}}"#
        let seed = UInt64.random(in: 0...UInt64.max)
        var fuzzer = Fuzzer(seed: seed)
        var table = VariableTable()
        for _ in 0..<3_000 {
            let bytes = fuzzer.mutate(Array(valid.utf8), tokens: ["[", "]", "{", "}", "\\u0000", "=", "\"", "[[[[", "1e9"])
            guard let json = try? JSON(parsing: bytes) else { continue }
            table = VariableTable()
            for variable in EventVariable.all(of: ScriptRequest.sample(data: json).event).variables {
                table.add(variable.names, variable.value)
            }
            table.fit()
            #expect(table.values.keys.allSatisfy(VariableName.isPossible), "seed \(seed)")
            #expect(table.values.values.allSatisfy { !$0.utf8.contains(0) }, "seed \(seed)")
        }
    }
}
