import CloudEvents
import Model
import Testing

@testable import Executor

struct ScriptEnvironmentTests {
    private static let script = Script(
        name: "test.triggered.sh",
        kind: .sh,
        level: .stage,
        branch: "dev",
        commit: "c0ffee",
        folder: "genericexecutor",
        path: "/x/test.triggered.sh"
    )
    private static let paths = WorkingDirectory.Paths(
        directory: "/runs/1",
        eventFile: "/runs/1/event.json",
        resultFile: "/runs/1/finished.event.json"
    )

    private func environment(
        _ request: ScriptRequest = .sample(data: .null),
        service: [String: String] = [:],
        allow: [String] = ["*"],
        deny: [String] = ["SECRET_*"],
        pass: [String] = []
    ) -> ScriptEnvironment {
        let settings = ExecutorSettings(
            environmentAllow: allow,
            environmentDeny: deny,
            environmentPass: pass,
            serviceEnvironment: service,
            runsDirectory: "/runs"
        )
        return ScriptEnvironment(
            for: request,
            script: Self.script,
            runID: "run-7",
            directory: Self.paths,
            service: ServiceVariables(settings)
        )
    }

    @Test("A script always sees these, and nothing that was not meant for it")
    func own() {
        let environment = environment(.sample(id: "e", data: .null, extensions: [:]))
        #expect(
            environment.variables == [
                "PATH": ServiceVariables.defaultPath, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1",
                "HOME": "/runs/1",
                "TMPDIR": "/runs/1",
                "EVENT_FILE": "/runs/1/event.json", "RESULT_FILE": "/runs/1/finished.event.json", "RUN_ID": "run-7",
                "SCRIPT_LEVEL": "stage", "SCRIPT_COMMIT": "c0ffee", "SCRIPT_BRANCH": "dev", "SCRIPT_FOLDER": "genericexecutor",
                "ID": "e",
            ]
        )
        #expect(environment.notes.isEmpty)
    }

    @Test("From the service: path, language, time zone, proxies and certificates, in both spellings")
    func base() {
        let service = [
            "PATH": "/bin", "LANG": "C.UTF-8", "TZ": "UTC", "https_proxy": "http://p:1", "NO_PROXY": "x", "SSL_CERT_FILE": "/ca",
            "REQUESTS_CA_BUNDLE": "/ca", "HOME": "/root", "OTHER": "o",
        ]
        let variables = environment(service: service, deny: ["*"]).variables
        for name in ["PATH", "LANG", "TZ", "https_proxy", "NO_PROXY", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"] {
            #expect(variables[name] == service[name], "\(name)")
        }
        #expect(variables["HOME"] == "/runs/1")
        #expect(variables["OTHER"] == nil)
        #expect(!variables.keys.contains { $0.hasPrefix("ENV_") })
    }

    @Test("Seed: the service's variables are ENV_NAME, their values untouched")
    func prefixed() {
        let variables = environment(service: ["TESTTOKEN": "aBc=1", "KEPTN_API_TOKEN": "t0ken", "lower": "l", "WITH-DASH": "d"])
            .variables
        #expect(variables["ENV_TESTTOKEN"] == "aBc=1")
        #expect(variables["ENV_KEPTN_API_TOKEN"] == "t0ken")
        #expect(variables["ENV_lower"] == "l")
        #expect(variables["ENV_LOWER"] == "l")
        #expect(variables["ENV_WITH_DASH"] == "d")
        #expect(variables["TESTTOKEN"] == nil)
    }

    @Test(
        "SCRIPT_ENV_ALLOW and SCRIPT_ENV_DENY are globs, case ignored, and deny wins",
        arguments: [
            (["*"], ["SECRET_*"], ["APP_A", "APP_B", "OTHER", "KEPTN_API_TOKEN"]), (["app_*"], [], ["APP_A", "APP_B"]),
            (["APP_*"], ["*_b"], ["APP_A"]), ([], [], []), (["*"], ["*"], []),
            (["*"], ["KEPTN_API_TOKEN", "secret_*"], ["APP_A", "APP_B", "OTHER"]),
        ] as [([String], [String], [String])]
    )
    func allowDeny(allow: [String], deny: [String], expected: [String]) {
        let service = ["APP_A": "1", "APP_B": "2", "OTHER": "3", "SECRET_X": "4", "KEPTN_API_TOKEN": "5"]
        let names = environment(service: service, allow: allow, deny: deny).variables.keys.filter { $0.hasPrefix("ENV_") }
        #expect(Set(names) == Set(expected.map { "ENV_\($0)" }))
    }

    @Test(
        "The service's own secrets are never passed, whatever is allowed",
        arguments: [
            "GIT_TOKEN", "GIT_TOKEN_FILE", "GIT_USER", "GIT_SSH_KEY_PASSPHRASE", "RCV_TOKEN", "ADMIN_TOKEN", "HTTP_PROXY_URL",
            "git_token",
        ]
    )
    func secrets(name: String) {
        let variables = environment(service: [name: "s3cret"], allow: ["*", name], deny: [], pass: ["*"]).variables
        #expect(!variables.values.contains("s3cret"))
    }

    @Test("SCRIPT_ENV_PASS: of the allowed ones, by their own names too; they win over the event's, not over ours")
    func pass() {
        let service = [
            "APP": "1", "HOME": "/root", "SECRET_X": "2", "DATA_X": "mine", "KEPTN_API_TOKEN": "3", "LD_LIBRARY_PATH": "/lib",
        ]
        let variables = environment(.sample(data: ["x": "theirs"]), service: service, pass: ["*"]).variables
        #expect(variables["APP"] == "1")
        #expect(variables["ENV_APP"] == "1")
        #expect(variables["DATA_X"] == "mine")
        #expect(variables["LD_LIBRARY_PATH"] == "/lib")
        #expect(variables["HOME"] == "/runs/1")
        #expect(variables["SECRET_X"] == nil)
        #expect(variables["KEPTN_API_TOKEN"] == nil)
        #expect(variables["ENV_KEPTN_API_TOKEN"] == "3")
        #expect(environment(service: service, pass: ["app"]).variables["APP"] == "1")
    }

    @Test("Seed: LABEL_ and VALUE_ variables, as told and as a shell can read them")
    func told() {
        let request = ScriptRequest.sample(variables: [
            Variable("LABEL_gitcommit", "abc"), Variable("LABEL_GITCOMMIT", "abc"), Variable("LABEL_git-ref", "r"),
            Variable("VALUE_MESSAGE", "Please make sure nobody dripped on a cable!"), Variable("VALUE_Message", "m"),
        ])
        let variables = environment(request).variables
        #expect(variables["LABEL_gitcommit"] == "abc")
        #expect(variables["LABEL_GITCOMMIT"] == "abc")
        #expect(variables["LABEL_git-ref"] == "r")
        #expect(variables["LABEL_GIT_REF"] == "r")
        #expect(variables["VALUE_MESSAGE"] == "Please make sure nobody dripped on a cable!")
        #expect(variables["VALUE_Message"] == "m")
    }

    @Test("What the request tells wins over the event's paths; reserved names are not taken from it")
    func precedence() {
        let request = ScriptRequest.sample(
            data: ["project": "path"],
            variables: [
                Variable("DATA_PROJECT", "told"), Variable("PATH", "/evil"), Variable("LD_PRELOAD", "/evil.so"),
                Variable("BASH_ENV", "/evil"), Variable("HTTPS_PROXY", "http://evil"), Variable("RUN_ID", "evil"),
                Variable("LD-PRELOAD", "/x.so"),
            ]
        )
        let variables = environment(request).variables
        #expect(variables["DATA_PROJECT"] == "told")
        #expect(!variables.values.contains { $0.contains("evil") })
        #expect(variables["LD_PRELOAD"] == nil)
    }

    @Test("Unknown extension attributes come only as CE_NAME; told ones do not come twice")
    func extensions() {
        let request = ScriptRequest.sample(
            extensions: ["shkeptncontext": "ctx", "node_options": "--require x", "path": "/evil", "num": 3, "stage": "other"],
            variables: [Variable("SHKEPTNCONTEXT", "ctx"), Variable("STAGE", "dev")]
        )
        let variables = environment(request).variables
        #expect(variables["CE_NODE_OPTIONS"] == "--require x")
        #expect(variables["CE_PATH"] == "/evil")
        #expect(variables["CE_NUM"] == "3")
        #expect(variables["CE_STAGE"] == "other")
        #expect(variables["STAGE"] == "dev")
        #expect(variables["SHKEPTNCONTEXT"] == "ctx")
        #expect(variables["CE_SHKEPTNCONTEXT"] == nil)
        #expect(variables["NODE_OPTIONS"] == nil)
        #expect(variables["PATH"] == ServiceVariables.defaultPath)
    }

    @Test(
        "TRACEPARENT is passed on if it is one",
        arguments: [
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true), ("00-0AF7-x-01", false), ("$(reboot)", false),
            ("", false),
        ]
    )
    func trace(value: String, isPassed: Bool) {
        let variables = environment(.sample(extensions: ["traceparent": .string(value)])).variables
        #expect((variables["TRACEPARENT"] == value) == isPassed)
        #expect(isPassed || variables["TRACEPARENT"] == nil)
    }

    @Test("A NUL, a '=' in the name, and 131,071 bytes: left out, with a line that says so")
    func impossible() {
        let fits = String(repeating: "x", count: 131_071 - "DATA_FITS=".count)
        let request = ScriptRequest.sample(data: [
            "fits": .string(fits), "large": .string(fits + "xx"), "nul": "a\u{0}b", "a=b": "c", "ok": "1",
        ])
        let environment = environment(request)
        #expect(environment.variables["DATA_FITS"] == fits)
        #expect(environment.variables["DATA_LARGE"] == nil)
        #expect(environment.variables["DATA_NUL"] == nil)
        #expect(environment.variables["DATA_OK"] == "1")
        #expect(!environment.variables.keys.contains { $0.contains("=") })
        #expect(
            environment.notes.sorted() == [
                "variable DATA_LARGE is left out: with its name it has more than 131071 bytes",
                "variable DATA_NUL is left out: it holds a NUL",
            ]
        )
    }

    @Test("Once all together pass 1 MiB, the largest go first, and never our own")
    func total() {
        var data: JSONObject = [:]
        for number in 10..<31 { data["v\(number)"] = .string(String(repeating: "x", count: 50_000 + number)) }
        let environment = environment(.sample(data: .object(data)))
        let size = environment.variables.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count + 2 }
        #expect(size <= 1 << 20)
        #expect(size > 900_000)
        #expect(environment.notes == ["variable DATA_V30 is left out: all variables together have more than 1048576 bytes"])
        #expect(environment.variables["EVENT_FILE"] != nil)
    }

    @Test("Very many small variables fit into the kernel's limit, and the notes stay short")
    func many() {
        var data: JSONObject = [:]
        for number in 0..<100_000 { data["k\(number)"] = 1 }
        let environment = environment(.sample(data: .object(data)), service: ["KEPT": "yes"])
        #expect(environment.variables.count == 10_000)
        #expect(environment.variables["ENV_KEPT"] == "yes", "what the operator gives is not pushed out")
        #expect(environment.notes.count == 1)
        #expect(environment.notes.first?.hasSuffix("names are left out: there are more than 10000 variables") == true)
    }
}
