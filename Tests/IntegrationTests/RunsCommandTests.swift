import Basics
import CloudEvents
import Curl
import Glibc
import Processes
import ServerTestSupport
import TestSupport
import Testing

/// `runs` and `backup`, as an operator calls them.
@Suite(.timeLimit(.minutes(3))) struct RunsCommandTests {
    private static let script = """
        echo "one of $SERVICE"
        if [[ $ID == held* ]]; then until [[ -e $ENV_GATE ]]; do sleep 0.02; done; fi
        echo "two of $SERVICE"
        exit "${LABEL_exit:-0}"
        """

    private let fixture: ProjectFixture

    init() async throws {
        fixture = try await ProjectFixture()
        try await fixture.commit(["genericexecutor/test.triggered.sh": .file(Array(Self.script.utf8))])
    }

    private var gate: String { fixture.directory.path + "/gate" }

    /// - Returns: the id of the run.
    private func post(_ id: String, exit: Int = 0, to service: ServiceProcess) async throws -> String {
        let event = KeptnEvent.v08(
            "sh.keptn.event.test.triggered",
            id: id,
            context: id,
            data: ["labels": ["exit": .string("\(exit)")]]
        )
        return try #require(try JSON(parsing: try await service.post(event).body)["run"]?.string)
    }

    /// Runs a command with the configuration of the service, whose directory it shares.
    private func command(_ words: String..., of service: ServiceProcess, environment: [String: String] = [:]) async throws
        -> CommandLineResult
    {
        let settings = ["ADMIN_PORT": "\(service.adminPort)"].merging(environment) { _, new in new }
        return try await CommandLineResult.run(words, environment: settings, in: service.directory)
    }

    @Test("The history is read while the service runs and after it has ended")
    func reading() async throws {
        let service = try await fixture.start()
        let good = try await post("a", to: service)
        _ = try await EventStream(service, good).read()
        let bad = try await post("b", exit: 3, to: service)
        _ = try await EventStream(service, bad).read()
        try await fixture.keptn.wait(for: 4)
        for isRunning in [true, false] {
            if !isRunning { #expect(try await service.stop() == 0) }
            let list = try await command("runs", "list", "--output", "json", of: service)
            let runs = try JSON(parsing: Array(list.output.utf8))["runs"]?.array?.map { $0["id"]?.string }
            #expect(list.status == 0 && runs == [bad, good], "\(list.errors)")
            let failed = try await command("runs", "list", "--result", "fail", "--since", "1h", of: service)
            let lines = failed.output.split(separator: "\n")
            #expect(failed.status == 0 && lines.count == 2, "\(failed.output)\(failed.errors)")
            #expect(lines.last?.contains(" fail ") == true && lines.last?.hasSuffix(bad) == true, "\(failed.output)")
            let short = try await command("runs", "--limit", "1", of: service)
            #expect(short.output.contains("more with --cursor 2\n"), "\(short.output)")
            #expect(try await command("runs", "list", "--cursor", "2", of: service).output.contains(good))

            let show = try await command("runs", "show", bad, of: service)
            for part in ["state     failed, fail\n", "(exit status 3", "sent      sh.keptn.event.test.finished: delivered\n"] {
                #expect(show.status == 0 && show.output.contains(part), "\(part) is not in \(show.output)")
            }
            let json = try await command("runs", "show", bad, "--output", "json", of: service)
            #expect(try JSON(parsing: Array(json.output.utf8))["answers"]?.array?.count == 2)
            let output = try await command("runs", "output", bad, of: service)
            #expect(
                output.output == "== test.triggered.sh\none of carts\ntwo of carts\n" && output.status == 0,
                "\(output.errors)"
            )
            let records = try await command("runs", "output", bad, "--output", "json", of: service)
            #expect(try JSON(parsing: Array(records.output.utf8))["run"]?.string == bad)
            for words in [["show", "none"], ["output", "none"]] {
                let result = try await command("runs", words[0], words[1], of: service)
                #expect(result.status == 3 && result.errors.contains("there is no run 'none'") && result.output.isEmpty)
            }
        }
        // Reading leaves nothing that would make the next start check the database.
        #expect(Files.size(service.directory.path + "/data/store.sqlite-wal") == 0)
    }

    @Test("What cannot be read is told in a sentence")
    func unreadable() async throws {
        for words in [
            ["runs", "list"], ["runs", "show", "x"], ["runs", "output", "x"], ["backup", fixture.directory.path + "/copy"],
        ] {
            let result = try await CommandLineResult.run(words, in: fixture.directory)
            let path = fixture.directory.path + "/data/store.sqlite"
            #expect(result.status == 1 && result.errors.contains("there is no history at \(path)"), "\(result.errors)")
            #expect(result.errors.contains("let DATA_DIRECTORY be that of the service") && result.output.isEmpty)
        }
        try fixture.directory.write(String(repeating: "no database ", count: 500), to: "data/store.sqlite")
        let damaged = try await CommandLineResult.run("runs", "list", in: fixture.directory)
        #expect(damaged.status == 1 && damaged.errors.contains("is damaged"), "\(damaged.errors)")
        for words in [["--result", "good"], ["--limit", "0"], ["--since", "never"], ["--project", ""]] {
            let result = try await CommandLineResult.run(["runs", "list"] + words, in: fixture.directory)
            #expect(result.status == 2 && result.errors.contains(words[0]), "\(result.errors)")
        }
    }

    @Test("A run is followed, repeated and cancelled through the service")
    func control() async throws {
        let service = try await fixture.start(["GATE": gate, "SCRIPT_CONCURRENCY": "1"])
        let held = try await post("held", to: service)
        async let text = command("runs", "output", "--follow", held, of: service)
        async let lines = command("runs", "output", "--follow", held, "--output", "json", of: service)
        _ = try await EventStream(service, held).read(count: 1)
        let early = try await command("runs", "output", held, of: service)
        #expect(early.status == 1 && early.errors.contains("--follow"), "\(early.errors)")
        let waiting = try await post("b", to: service)
        let cancelled = try await command("runs", "cancel", waiting, of: service)
        #expect(cancelled.status == 0 && cancelled.output.contains(waiting), "\(cancelled.errors)")
        _ = try await EventStream(service, waiting).read()
        let again = try await command("runs", "cancel", waiting, of: service)
        #expect(again.status == 1 && again.errors.contains("is over (cancelled)"), "\(again.errors)")
        try Files.write([], to: gate)
        let followed = try await text
        #expect(
            followed.output == "== test.triggered.sh\none of carts\ntwo of carts\n\nstate   finished, pass\n"
                && followed.status == 0,
            "\(followed.output)\(followed.errors)"
        )
        let last = try await lines.output.split(separator: "\n").last
        #expect(last == #"{"state":"finished","result":"pass"}"#)

        let rerun = try await command("runs", "rerun", held, "--commit", "current", "--answer", of: service)
        let id = rerun.output.filter { $0 != "\n" }
        #expect(rerun.status == 0 && id != held, "\(rerun.errors)")
        _ = try await command("runs", "output", "--follow", id, of: service)
        #expect(try await command("runs", "show", id, of: service).output.contains("repeats   \(held)\n"))
        let pinned = try await command("runs", "rerun", held, "--commit", "same", "--output", "json", of: service)
        #expect(try JSON(parsing: Array(pinned.output.utf8))["id"] == "held" && pinned.status == 0, "\(pinned.errors)")
        for words in [["rerun", "none"], ["cancel", "none"]] {
            let result = try await command("runs", words[0], words[1], of: service)
            #expect(result.status == 3 && result.errors.contains("there is no run 'none'"), "\(result.errors)")
        }
        #expect(try await command("runs", "output", "--follow", "none", of: service).status == 3)
        #expect(try await service.stop() == 0)
        for words in [["rerun", held], ["cancel", held], ["output", "--follow", held]] {
            let result = try await CommandLineResult.run(
                ["runs"] + words,
                environment: ["ADMIN_PORT": "\(service.adminPort)"],
                in: service.directory
            )
            #expect(result.status == 1 && result.errors.contains("does not answer at http://127.0.0.1:\(service.adminPort)"))
            #expect(result.errors.contains("ADMIN_PORT"), "\(result.errors)")
        }
    }

    @Test("The token of operators is needed, and never shown")
    func token() async throws {
        let service = try await fixture.start(["ADMIN_TOKEN": "s3cret-of-operators", "ADMIN_HOST": "0.0.0.0"])
        let run = try await post("a", to: service)
        try await fixture.keptn.wait(for: 2)
        let settings = ["ADMIN_TOKEN": "s3cret-of-operators", "ADMIN_HOST": "0.0.0.0"]
        let good = try await command("runs", "output", "--follow", run, of: service, environment: settings)
        #expect(good.status == 0 && good.output.contains("two of carts"), "\(good.errors)")
        let bad = try await command("runs", "cancel", run, of: service, environment: ["ADMIN_TOKEN": "wrong-token"])
        #expect(bad.status == 1 && bad.errors.contains("ADMIN_TOKEN") && !bad.errors.contains("wrong-token"), "\(bad.errors)")
        #expect(try await service.stop() == 0)
    }

    @Test("A backup is made while events come in, whole and private, and never over a file")
    func backup() async throws {
        let service = try await fixture.start()
        let first = try await post("a", to: service)
        _ = try await EventStream(service, first).read()
        let sender = Task {
            var number = 0
            while !Task.isCancelled {
                number += 1
                _ = try await post("more-\(number)", to: service)
            }
        }
        let file = fixture.directory.path + "/copy.sqlite"
        let result = try await command("backup", file, of: service)
        sender.cancel()
        _ = await sender.result
        #expect(result.status == 0 && result.output.isEmpty, "\(result.errors)")
        var status = stat()
        #expect(stat(file, &status) == 0 && status.st_mode & 0o777 == 0o600)
        #expect(try Files.list(fixture.directory.path).filter { $0.hasPrefix("copy") } == ["copy.sqlite"])
        let again = try await command("backup", file, of: service)
        #expect(again.status == 1 && again.errors.contains("name a file that does not exist"), "\(again.errors)")
        let nowhere = try await command("backup", fixture.directory.path + "/no/copy", of: service)
        #expect(nowhere.status == 1 && nowhere.errors.contains("No such file or directory"), "\(nowhere.errors)")
        #expect(try await service.stop() == 0)

        // It is a history of its own.
        let restored = try TemporaryDirectory()
        try Files.createDirectory(restored.path + "/data")
        try Files.replace(restored.path + "/data/store.sqlite", with: try Files.read(file))
        let shown = try await CommandLineResult.run("runs", "show", first, in: restored)
        #expect(shown.status == 0 && shown.output.contains("state     finished, pass"), "\(shown.errors)")
    }
}
