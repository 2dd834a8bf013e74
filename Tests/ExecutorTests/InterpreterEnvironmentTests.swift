import Basics
import CloudEvents
import Model
import TestSupport
import Testing

@testable import Executor

/// What bash and python3 really have in their environment.
@Suite(.timeLimit(.minutes(3)))
struct InterpreterEnvironmentTests {
    private let workshop: Workshop
    private let seen: String

    init() throws {
        var workshop = try Workshop()
        seen = "\(workshop.directory.path)/seen"
        try Files.createDirectory(seen)
        // Without a language, python3 sets LC_CTYPE itself.
        workshop.settings.serviceEnvironment = ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "SEEN": seen]
        self.workshop = workshop
    }

    private static let bash = """
        env -0 > "$ENV_SEEN/bash"
        declare -F > "$ENV_SEEN/functions"
        printf %s "$DATA_TEXT" > "$ENV_SEEN/text"
        : $DATA_TEXT
        [[ $EVENT_FILE = "$1" && -f $1 && $HOME = "$PWD" && $TMPDIR = "$PWD" && $RESULT_FILE = "$PWD"/* ]] && ls
        """
    private static let python = """
        import os
        with open(os.path.join(os.environ["ENV_SEEN"], "python"), "wb") as file:
            for name, value in os.environb.items():
                file.write(name + b"=" + value + b"\\0")
        """

    /// Runs a bash and a python3 script that tell their environment.
    private func run(_ request: ScriptRequest) async throws -> RunOutcome {
        try workshop.write("test.triggered.sh", Self.bash)
        try workshop.write("test.triggered.py", Self.python)
        return try await workshop.run(request)
    }

    /// The environment that `interpreter` told, without what bash sets for itself.
    private func environment(of interpreter: String) throws -> [String: String] {
        var variables: [String: String] = [:]
        for entry in try Files.read("\(seen)/\(interpreter)").split(separator: 0) {
            let end = try #require(entry.firstIndex(of: UInt8(ascii: "=")))
            let name = String(decoding: entry[..<end], as: UTF8.self)
            #expect(variables[name] == nil, "\(name) comes twice")
            variables[name] = String(decoding: entry[(end + 1)...], as: UTF8.self)
        }
        if interpreter == "bash" { for name in ["_", "PWD", "OLDPWD", "SHLVL"] { variables[name] = nil } }
        return variables
    }

    private static let places: Set<String> = ["HOME", "TMPDIR", "EVENT_FILE", "RESULT_FILE"]
    private static let text = "one\ntwo\r\n\t'\"`touch a`$(touch b) ${HOME} $PATH \\ %s é 😀 *; touch c &\u{7F}\n"
    private static let function = "() { :; }; touch d"

    @Test("Odd names and values arrive as they are, forbidden ones not at all, and nothing of them is run")
    func odd() async throws {
        let fits = String(repeating: "x", count: 131_071 - "DATA_FITS=".utf8.count)
        let data: JSON = [
            "a-b": "dash", "1x": "digit", "": "nameless", "x": ["y.z": true], "list": [["k": 1, "none": .null]], "nul": "a\u{0}b",
            "e=q": "other name", "ld_preload": "/evil.so", "text": .string(Self.text), "empty": "", "fits": .string(fits),
            "over": .string(fits + "x"),
        ]
        let outcome = try await run(
            .sample(
                data: data,
                extensions: ["ld_preload": "/evil.so", "bash_env": "/evil", "path": "/evil"],
                variables: [
                    Variable("LABEL_a-b", "'\""), Variable("LABEL_1x", "$(touch e)"), Variable("LABEL_", ""),
                    Variable("LABEL_two\nlines", "v"), Variable("LABEL_PATH", "/evil"), Variable("LABEL_LD_PRELOAD", "/evil.so"),
                    Variable("LABEL_BASH_FUNC_x%%", Self.function), Variable("VALUE_NUL", "\u{0}"), Variable("a-b", "bare"),
                    Variable("1x", "bare"), Variable("", "never"), Variable("N\u{0}", "other name"),
                    Variable("E=Q", "other name"),
                    Variable("BASH_FUNC_x%%", Self.function), Variable("BASH_FUNC_ls%%", Self.function),
                    Variable("LD_PRELOAD", "/evil.so"), Variable("LD-PRELOAD", "/evil.so"), Variable("PATH", "/evil"),
                    Variable("BASH_ENV", "/evil"), Variable("ENV", "/evil"), Variable("PYTHONSTARTUP", "/evil"),
                    Variable("PS4", "$(touch f)"), Variable("SHELLOPTS", "xtrace"), Variable("IFS", "/"),
                ]
            )
        )
        let expected = [
            "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1", "ENV_SEEN": seen,
            "ENV_LANG": "C.UTF-8", "ENV_PATH": "/usr/bin:/bin", "RUN_ID": "run-1", "SCRIPT_LEVEL": "service",
            "SCRIPT_COMMIT": Workshop.stageCommit, "SCRIPT_BRANCH": "dev", "SCRIPT_FOLDER": "genericexecutor",
            "ID": "event-1", "LABEL_a-b": "'\"", "LABEL_A_B": "'\"", "LABEL_1x": "$(touch e)", "LABEL_1X": "$(touch e)",
            "LABEL_": "", "LABEL_two\nlines": "v", "LABEL_TWO_LINES": "v", "LABEL_PATH": "/evil", "LABEL_LD_PRELOAD": "/evil.so",
            "LABEL_BASH_FUNC_x%%": Self.function, "LABEL_BASH_FUNC_X__": Self.function, "a-b": "bare", "A_B": "bare",
            "1x": "bare", "1X": "bare", "DATA_A-B": "dash", "DATA_A_B": "dash", "DATA_1X": "digit", "DATA_": "nameless",
            "DATA_X_Y_Z": "true", "DATA_LIST[0]_K": "1", "DATA_LIST_0_K": "1", "DATA_LD_PRELOAD": "/evil.so",
            "DATA_TEXT": Self.text, "DATA_EMPTY": "", "DATA_FITS": fits, "CE_LD_PRELOAD": "/evil.so", "CE_BASH_ENV": "/evil",
            "CE_PATH": "/evil", "DATA_E_Q": "other name", "E_Q": "other name", "N_": "other name", "LD-PRELOAD": "/evil.so",
        ]
        for interpreter in ["bash", "python"] {
            let variables = try environment(of: interpreter)
            for name in Set(variables.keys).union(expected.keys).subtracting(Self.places) {
                #expect(variables[name] == expected[name], "\(name) in \(interpreter)")
            }
            #expect(Self.places.isSubset(of: variables.keys))
        }
        #expect(try Files.read("\(seen)/functions").isEmpty)
        #expect(try Files.read("\(seen)/text") == Array(Self.text.utf8))
        let notes = """
            variable VALUE_NUL is left out: it holds a NUL
            variable DATA_NUL is left out: it holds a NUL
            variable DATA_OVER is left out: with its name it has more than 131071 bytes

            """
        // The event file is alone in the working directory: nothing was run that would have made another.
        #expect(outcome.steps.map(\.output) == [notes + "event-1.event.json\n", notes])
        #expect(outcome.result == .pass)
    }

    @Test(
        "As much as an environment may hold is taken by the kernel",
        arguments: [(9, 130_000), (21, 49_900), (2_000, 1_000), (10_000, 100)]
    )
    func full(count: Int, size: Int) async throws {
        let values = (0..<count).map { ("v\($0)", JSON.string(String(repeating: "x", count: size))) }
        let outcome = try await run(.sample(data: .object(JSONObject(values))))
        #expect(outcome.steps.map(\.ending) == [.exited(0), .exited(0)], "\(outcome.message.prefix(500))")
        let (bash, python) = try (environment(of: "bash"), environment(of: "python"))
        let taken = python.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count + 10 }
        #expect(taken <= VariableTable.totalLimit)
        #expect(taken > VariableTable.totalLimit - size - 100)
        #expect(bash.count == python.count)
        #expect(bash.keys.count { $0.hasPrefix("DATA_") } < count)
    }
}
