import Basics
import CloudEvents
import Curl
import Model
import TestSupport
import Testing

@testable import Executor

/// Random events made of hostile names and values; some of the environments are handed to real scripts.
@Suite(.timeLimit(.minutes(5)))
struct ScriptEnvironmentFuzzTests {
    private static let words = [
        "a", "A", "b", "LD_PRELOAD", "PATH", "path", "HOME", "BASH_ENV", "BASH_FUNC_x%%", "SCRIPT_LEVEL", "RUN_ID", "https_proxy",
        "PYTHONPATH", "data", "DATA_A", "LABEL_", "1x", "", "=", "\u{0}", "\n", "\r", "-", ".", "[0]", "_", "%", "é", "e\u{301}",
        "ß",
        "\u{338}", "😀", "\u{7F}", "$(id)", "'", "\"", "`", "\\", " ", "\u{FEFF}", "\u{200F}", "() { :; };",
    ]
    private static let lengths = [131_060, 131_071, 131_072, 200_000, 60_000]
    /// In each value that comes from an event, so that it is known again.
    private static let mark = "<event>"
    private static let settings = ExecutorSettings(
        environmentAllow: ["*"],
        environmentPass: ["APP"],
        serviceEnvironment: ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "APP": "1"],
        runsDirectory: "/runs"
    )

    private static func word(_ fuzzer: inout Fuzzer) -> String {
        (0..<Int.random(in: 0...4, using: &fuzzer)).map { _ in words.randomElement(using: &fuzzer) ?? "" }.joined()
    }

    private static func text(_ fuzzer: inout Fuzzer) -> String {
        guard Int.random(in: 0..<12, using: &fuzzer) == 0 else { return mark + word(&fuzzer) }
        return mark + String(repeating: "x", count: lengths.randomElement(using: &fuzzer) ?? 0)
    }

    private static func json(_ fuzzer: inout Fuzzer, depth: Int = 0) -> JSON {
        switch Int.random(in: 0...(depth < 4 ? 8 : 5), using: &fuzzer) {
        case 0: .null
        case 1...5: .string(text(&fuzzer))
        case 6: .array((0..<Int.random(in: 0...4, using: &fuzzer)).map { _ in json(&fuzzer, depth: depth + 1) })
        default: .object(object(&fuzzer, depth: depth))
        }
    }

    private static func object(_ fuzzer: inout Fuzzer, depth: Int) -> JSONObject {
        var object: JSONObject = [:]
        for _ in 0..<Int.random(in: 0...8, using: &fuzzer) { object[word(&fuzzer)] = json(&fuzzer, depth: depth + 1) }
        return object
    }

    private static func request(_ fuzzer: inout Fuzzer) -> ScriptRequest {
        let prefixes = ["LABEL_", "VALUE_", ""]
        return .sample(
            data: Bool.random(using: &fuzzer) ? .object(object(&fuzzer, depth: 0)) : json(&fuzzer),
            extensions: object(&fuzzer, depth: 3),
            variables: (0..<Int.random(in: 0...12, using: &fuzzer)).map { _ in
                Variable((prefixes.randomElement(using: &fuzzer) ?? "") + word(&fuzzer), text(&fuzzer))
            }
        )
    }

    @Test("Whatever the event: no crash, and a program could be started with the result")
    func possible() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var fuzzer = Fuzzer(seed: seed)
        let service = ServiceVariables(Self.settings)
        let script = Script(
            name: "test.triggered.sh",
            kind: .sh,
            level: .stage,
            branch: "dev",
            commit: "c0ffee",
            folder: "genericexecutor",
            path: "/x/test.triggered.sh"
        )
        let paths = WorkingDirectory.Paths(directory: "/r", eventFile: "/r/event.json", resultFile: "/r/result.json")
        for round in 0..<300 {
            let request = Self.request(&fuzzer)
            let environment = ScriptEnvironment(for: request, script: script, runID: "r", directory: paths, service: service)
            let place = "seed \(seed), round \(round)"
            var total = 0
            for (name, value) in environment.variables {
                let size = name.utf8.count + value.utf8.count + 2
                total += size + 8
                #expect(!name.isEmpty && !name.utf8.contains(0) && !name.utf8.contains(UInt8(ascii: "=")), "\(place): \(name)")
                #expect(!value.utf8.contains(0) && size <= 131_072, "\(place): \(name)")
                #expect(
                    !VariableName.isReserved(name) || !value.utf8.starts(with: Self.mark.utf8),
                    "\(place): \(name)"
                )
            }
            #expect(total <= 1 << 20, "\(place)")
            #expect(environment.variables["RUN_ID"] == "r" && environment.variables["PATH"] == "/usr/bin:/bin", "\(place)")
            #expect(environment.variables["APP"] == "1" && environment.variables["HOME"] == "/r", "\(place)")
            #expect(environment.notes.allSatisfy { !$0.utf8.contains { $0 < 0x20 } }, "\(place)")
        }
    }

    @Test("A script has the variables that were made for it, no other and none twice")
    func real() async throws {
        var workshop = try Workshop()
        let seen = "\(workshop.directory.path)/seen"
        workshop.settings.serviceEnvironment["SEEN"] = seen
        try workshop.write("test.triggered.sh", "cat /proc/$$/environ > \"$ENV_SEEN\"")
        let executor = try Executor(settings: workshop.settings, client: HTTPClient())
        let seed = UInt64.random(in: 0...UInt64.max)
        var fuzzer = Fuzzer(seed: seed)
        for round in 0..<20 {
            let request = Self.request(&fuzzer)
            let plan = await executor.plan(request, in: workshop.snapshot)
            let output = executor.output(of: "run-1")
            defer { output.remove() }
            let outcome = await executor.run(request, plan: plan, runID: "run-1", output: output)
            try #require(outcome.result == .pass, "seed \(seed), round \(round): \(outcome.message)")
            let entries = try Files.read(seen).split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            let places = Dictionary(entries.map { ($0.prefix { $0 != "=" }, $0) }) { first, _ in first }
            func value(_ name: String) -> String { String(places[name[...]]?.dropFirst(name.count + 1) ?? "") }
            let environment = ScriptEnvironment(
                for: request,
                script: try #require(plan.scripts.first),
                runID: "run-1",
                directory: WorkingDirectory.Paths(
                    directory: value("HOME"),
                    eventFile: value("EVENT_FILE"),
                    resultFile: value("RESULT_FILE")
                ),
                service: ServiceVariables(workshop.settings)
            )
            #expect(
                entries.map { Array($0.utf8) }.sorted(by: Self.comesFirst)
                    == environment.variables.map { Array("\($0.key)=\($0.value)".utf8) }.sorted(by: Self.comesFirst),
                "seed \(seed), round \(round)"
            )
        }
    }

    private static func comesFirst(_ first: [UInt8], _ second: [UInt8]) -> Bool { first.lexicographicallyPrecedes(second) }
}
