import Basics
import CloudEvents
import Glibc
import Processes
import ServerTestSupport
import TestSupport
import Testing

/// `run`, `resolve` and `new`, as a person calls them.
@Suite(.timeLimit(.minutes(2))) struct CommandTests {
    let directory: TemporaryDirectory
    let repository: BareRepository

    init() async throws {
        directory = try TemporaryDirectory()
        repository = try await BareRepository(at: directory.path + "/sockshop.git")
        try await repository.commit(["genericexecutor/all.events.sh": "echo all"])
    }

    private func eventFile(_ event: JSON) throws -> String { try directory.write(event.text, to: "event.json") }

    @Test(
        "run ends with the status of what came of it",
        arguments: [("exit 0", 0), ("exit 7", 1), (#"echo '{"error":"no"}'"#, 1), ("#!/no/such/interpreter\n", 4)]
    )
    func runStatus(script: String, status: Int) async throws {
        try await repository.commit(["genericexecutor/test.triggered.sh": .file(Array(script.utf8))])
        let file = try eventFile(KeptnEvent.v08("sh.keptn.event.test.triggered"))
        let result = try await CommandLineResult.run("run", "--event", file, "--repo", repository.path, in: directory)
        #expect(result.status == status, "\(result.output)\(result.errors)")
        #expect(result.errors.isEmpty)
    }

    @Test("run shows plan, output, outcome and events")
    func runText() async throws {
        try await repository.commit(["genericexecutor/test.triggered.sh": "echo hello; echo trouble >&2; exit 3"])
        let file = try eventFile(KeptnEvent.v08("sh.keptn.event.test.triggered"))
        let result = try await CommandLineResult.run("run", "--event", file, "--repo", "sockshop.git", in: directory)
        for part in [
            "file 1  test.triggered.sh  project level, main@", "== test.triggered.sh\n", "hello\n", "trouble\n",
            "== all.events.sh\nall\n",
            "ran     test.triggered.sh  fail: ", "result  fail\n", "event   sh.keptn.event.test.started\n",
            "event   sh.keptn.event.test.finished\n", "exit status 3",
        ] {
            #expect(result.output.contains(part), "\(part) is not in \(result.output)")
        }
        #expect(result.status == 1)
    }

    @Test("run as JSON is one object that says the same")
    func runJSON() async throws {
        let file = try eventFile(KeptnEvent.v08("sh.keptn.event.test.triggered"))
        let result = try await CommandLineResult.run(
            "run",
            "--event",
            file,
            "--repo",
            repository.path,
            "--output",
            "json",
            in: directory
        )
        let document = try JSON(parsing: Array(result.output.utf8))
        #expect(document["result"] == "pass" && document["events"] == [])
        #expect(document["steps"]?.array?.map { $0["output"] } == ["all\n"])
        #expect(document["plan"]?["files"]?.array?.count == 1)
    }

    @Test("run --send posts the events, and one that cannot be sent is an infrastructure error")
    func runSend() async throws {
        try await repository.commit(["genericexecutor/test.triggered.sh": "echo hello"])
        let file = try eventFile(KeptnEvent.v08("sh.keptn.event.test.triggered"))
        let recorder = try await EventRecorder.start()
        let sent = try await CommandLineResult.run(
            "run",
            "--event",
            file,
            "--repo",
            repository.path,
            "--send",
            "--set",
            "EVENTBROKER=\(recorder.url)",
            in: directory
        )
        #expect(sent.status == 0)
        #expect(recorder.events.map(\.type) == ["sh.keptn.event.test.started", "sh.keptn.event.test.finished"])
        let refused = try await EventRecorder.start { _ in 400 }
        let lost = try await CommandLineResult.run(
            "run",
            "--event",
            file,
            "--repo",
            repository.path,
            "--send",
            "--set",
            "EVENTBROKER=\(refused.url)",
            in: directory
        )
        #expect(lost.status == 4)
        #expect(lost.output.contains("was not sent: \(refused.url) (EVENTBROKER) refused it with 400"))
    }

    @Test("A commit that is no full commit id is refused: it would pin nothing", arguments: ["main", "1a2b3c", ""])
    func refusedCommit(commit: String) async throws {
        let file = try eventFile(KeptnEvent.v08("sh.keptn.event.test.triggered"))
        let words = ["run", "--event", file, "--repo", repository.path, "--commit", commit]
        let result = try await CommandLineResult.run(words, in: directory)
        #expect(
            result.status == 2 && result.errors.contains("--commit takes a full commit id"),
            "\(result.output)\(result.errors)"
        )
    }

    @Test("Where no repository is known, that is a matter of configuration", arguments: ["run", "resolve"])
    func noRepository(command: String) async throws {
        let file = try eventFile(KeptnEvent.v08("sh.keptn.event.test.triggered"))
        let words =
            command == "run"
            ? ["run", "--event", file] : ["resolve", "--project", "shop", "--type", "sh.keptn.event.test.triggered"]
        let result = try await CommandLineResult.run(words, in: directory)
        #expect(result.status == 2, "\(result.output)\(result.errors)")
        #expect((result.output + result.errors).contains("GIT_REMOTE"))
    }

    @Test("run takes the commit that it is told to")
    func runCommit() async throws {
        let old = try await repository.commit(["carts/genericexecutor/test.triggered.sh": "echo old"], on: "dev")
        try await repository.commit(["carts/genericexecutor/test.triggered.sh": "echo new"], on: "dev")
        let file = try eventFile(KeptnEvent.v08("sh.keptn.event.test.triggered"))
        let result = try await CommandLineResult.run(
            "run",
            "--event",
            file,
            "--repo",
            repository.path,
            "--commit",
            old,
            in: directory
        )
        #expect(result.output.contains("old\n") && !result.output.contains("new\n"), "\(result.output)")
    }

    @Test("ENV=local takes the scripts of the working directory, without Git")
    func local() async throws {
        try directory.write("echo from here", to: "genericexecutor/test.triggered.sh")
        let file = try eventFile(KeptnEvent.v08("sh.keptn.event.test.triggered"))
        let result = try await CommandLineResult.run("run", "--event", file, environment: ["ENV": "local"], in: directory)
        #expect(result.status == 0 && result.output.contains("from here\n"), "\(result.output)\(result.errors)")
    }

    @Test("resolve says which files would run, which are shadowed by what, and what was looked for")
    func resolve() async throws {
        try await repository.commit(["carts/genericexecutor/all.events.sh": "echo carts"], on: "dev")
        let found = try await CommandLineResult.run(
            "resolve",
            "--project",
            "sockshop",
            "--stage",
            "dev",
            "--service",
            "carts",
            "--type",
            "sh.keptn.event.test.triggered",
            "--repo",
            repository.path,
            in: directory
        )
        #expect(found.status == 0)
        #expect(found.output.contains("file 1  all.events.sh  service level, dev@"))
        #expect(found.output.contains(": carts/genericexecutor/all.events.sh\n"))
        #expect(found.output.contains("shadow  all.events.sh  project level, main@"))
        try await repository.commit(["genericexecutor/all.events.sh": .removed])
        let none = try await CommandLineResult.run(
            "resolve",
            "--project",
            "sockshop",
            "--type",
            "sh.keptn.event.action.triggered",
            "--action",
            "scale",
            "--repo",
            repository.path,
            in: directory
        )
        #expect(none.status == 3)
        #expect(none.output.contains("action.triggered.scale.sh, action.triggered.scale.py, action.triggered.scale.http"))
    }

    @Test("Ctrl-C ends what run has started, and leaves nothing behind", arguments: [SIGINT, SIGTERM])
    func interrupted(signal: Int32) async throws {
        let temporary = directory.path + "/tmp"
        try Files.createDirectory(temporary)
        let script = "trap 'echo told; exit 0' TERM; kill -\(signal) $PPID; while :; do sleep 0.05; done"
        try await repository.commit(["genericexecutor/test.triggered.sh": .file(Array(script.utf8))])
        let file = try eventFile(KeptnEvent.v08("sh.keptn.event.test.triggered"))
        let words = ["run", "--event", file, "--repo", repository.path]
        let result = try await CommandLineResult.run(words, environment: ["TMPDIR": temporary], in: directory)
        #expect(result.status == 1, "\(result.output)\(result.errors)")
        #expect(result.output.contains("told\n") && result.output.contains("test.triggered.sh was cancelled"), "\(result.output)")
        #expect(result.output.contains("event   sh.keptn.event.test.finished\n"), "\(result.output)")
        #expect(try Files.list(temporary).isEmpty)
    }

    @Test("A script cannot read the service's environment, where its tokens are")
    func hiddenEnvironment() async throws {
        let script = "cat /proc/$PPID/environ >/dev/null 2>&1 && echo readable || echo hidden"
        try await repository.commit(["genericexecutor/test.triggered.sh": .file(Array(script.utf8))])
        let event = try directory.write(KeptnEvent.v08("sh.keptn.event.test.triggered").text, to: "event.json")
        var words = [ServiceProcess.executable, "run", "--event", event, "--repo", repository.path]
        // Root reads everything, unless it is without capabilities, as in most containers.
        if geteuid() == 0 { words = ["/usr/bin/setpriv", "--inh-caps=-all", "--bounding-set=-all"] + words }
        let command = Command(
            words[0],
            Array(words.dropFirst()),
            environment: ServiceProcess.environment(["GIT_TOKEN": "s3cret"], in: directory),
            directory: directory.path
        )
        let result = try await command.collect(until: .after(.seconds(60)))
        #expect(result.standardOutput.text.contains("\nhidden\n"), "\(result.standardOutput.text)\(result.standardError.text)")
    }

    @Test("new writes a folder whose files run")
    func new() async throws {
        let result = try await CommandLineResult.run("new", directory.path + "/sample", in: directory)
        #expect(result.status == 0)
        #expect(result.output.split(separator: "\n").count == 4)
        #expect(try await CommandLineResult.run("new", directory.path + "/sample", in: directory).status == 2)
    }

    @Test(
        "Wrong command lines end with 2, a sentence and nothing on standard output",
        arguments: [
            ["--no-such-option"], ["run"], ["run", "--event", "/nowhere/event.json"], ["resolve", "--project", "p"], ["new"],
            ["serve", "--set", "RCV_PORT"], ["serve", "--config", "/nowhere.yaml"], ["run", "--event", "-", "--output", "xml"],
        ]
    )
    func usage(arguments: [String]) async throws {
        let result = try await CommandLineResult.run(arguments, in: directory)
        #expect(result.status == 2, "\(result.errors)")
        #expect(result.output.isEmpty && !result.errors.isEmpty)
    }

    @Test(
        "Each command's help has an example",
        arguments: [
            "serve", "run", "resolve", "new", "backup", "runs", "runs list", "runs show", "runs output", "runs rerun",
            "runs cancel",
        ]
    )
    func help(command: String) async throws {
        let words = command.split(separator: " ").map(String.init)
        let result = try await CommandLineResult.run(words + ["--help"], in: directory)
        #expect(result.status == 0 && result.output.contains("Example: generic-executor-service \(command)"))
    }
}
