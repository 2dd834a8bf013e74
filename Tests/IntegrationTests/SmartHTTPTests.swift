import Basics
import CloudEvents
import Curl
import ServerTestSupport
import TestSupport
import Testing

/// The built program against nginx and `git http-backend`, with TLS from a CA of the test and a password.
@Suite(.timeLimit(.minutes(3))) struct SmartHTTPTests {
    let server: GitHTTPServer
    let repository: BareRepository

    init() async throws {
        server = try GitHTTPServer()
        repository = try await BareRepository(at: server.repository("sockshop"))
        try await repository.commit(["genericexecutor/test.triggered.sh": "echo one"])
    }

    private var settings: [String: String] {
        [
            "GIT_REMOTE": server.https("/private/{project}.git"), "GIT_USER": GitHTTPServer.user,
            "GIT_TOKEN": GitHTTPServer.password, "GIT_CA_FILE": server.caFile,
        ]
    }

    /// Posts an event and waits for its record.
    private func run(_ service: ServiceProcess, id: String, data: JSONObject = [:]) async throws -> (
        output: String?, record: JSON?
    ) {
        #expect(try await service.post(KeptnEvent.v08("sh.keptn.event.test.triggered", id: id, data: data)).status == 202)
        let record = await service.logEntry { entry in
            let messages = ["run finished", "nothing to run", "the scripts could not be had"]
            return entry["event.id"]?.string == id && messages.contains(entry["message"]?.string ?? "")
        }
        let ran = service.log.last { $0["event.id"]?.string == id && $0["message"] == "file ran" }
        return (ran?["output"]?.string, record)
    }

    private func damage(_ service: ServiceProcess) async -> String {
        await BareRepository.damage(of: service.directory.path + "/cache/sockshop/repository.git")
    }

    @Test(
        "Clone, change, force push, removed and new branches: the right commit runs, and git finds nothing wrong with the clone"
    )
    func changes() async throws {
        let service = try await ServiceProcess.start(settings)
        let first = try await repository.git("rev-parse", "main")
        #expect(try await run(service, id: "clone").output == "one\n")
        #expect(await damage(service) == "")
        try await repository.commit(["genericexecutor/test.triggered.sh": "echo two"])
        #expect(try await run(service, id: "commit").output == "two\n")
        #expect(await damage(service) == "")
        try await repository.reset("main", to: first)
        #expect(try await run(service, id: "force push").output == "one\n")
        #expect(await damage(service) == "")
        try await repository.commit(["genericexecutor/test.triggered.sh": "echo dev"], on: "dev")
        #expect(try await run(service, id: "branch").output == "dev\n")
        try await repository.delete("dev")
        #expect(try await run(service, id: "removed branch").output == "one\n")
        #expect(await damage(service) == "")
        try await repository.commit(["carts/genericexecutor/test.triggered.sh": "echo again"], on: "dev", parent: "")
        #expect(try await run(service, id: "new branch").output == "again\n")
        #expect(await damage(service) == "")
        #expect(try await service.stop() == 0)
        #expect(!service.log.contains { $0.text.contains(GitHTTPServer.password) })
    }

    @Test("Unchanged costs one request")
    func unchanged() async throws {
        let service = try await ServiceProcess.start(settings)
        _ = try await run(service, id: "first")
        let before = try server.requests().count
        for number in 0..<5 { #expect(try await run(service, id: "\(number)").output == "one\n") }
        #expect(try server.requests().count == before + 5)
        #expect(try await service.stop() == 0)
    }

    @Test("gitcommitid pins stage and service level; the project level stays at its branch")
    func pinned() async throws {
        let old = try await repository.commit(["carts/genericexecutor/test.triggered.sh": "echo old"], on: "dev")
        try await repository.commit(["carts/genericexecutor/test.triggered.sh": "echo new"], on: "dev")
        let service = try await ServiceProcess.start(settings)
        var event = try #require(KeptnEvent.v08("sh.keptn.event.test.triggered", id: "pinned").object)
        event["gitcommitid"] = .string(old)
        _ = try await service.post(.object(event))
        _ = await service.logEntry { $0["message"] == "run finished" }
        let ran = service.log.last { $0["message"] == "file ran" }
        #expect(ran?["output"]?.string == "old\n" && ran?["commit"]?.string == old, "\(service.log.last?.text ?? "")")
        #expect(try await run(service, id: "latest").output == "new\n")
        #expect(try await service.stop() == 0)
    }

    @Test("What keeps the scripts from being had is told by its class in one sentence, and the service goes on")
    func failures() async throws {
        let empty = try await BareRepository(at: server.repository("empty"))
        let cases: [(name: String, settings: [String: String], parts: [String])] = [
            ("wrong token", ["GIT_TOKEN": "wrong-token"], ["401"]),
            ("no such repository", ["GIT_REMOTE": server.https("/private/none.git")], ["404"]),
            ("unknown authority", ["GIT_CA_FILE": "/etc/ssl/certs/ca-certificates.crt"], ["certificate"]),
            ("nobody listens", ["GIT_REMOTE": "http://127.0.0.1:1/{project}.git"], ["127.0.0.1:1"]),
            ("no such host", ["GIT_REMOTE": "https://git.invalid/{project}.git"], ["git.invalid"]),
            ("server is broken", ["GIT_REMOTE": server.http("/broken/{project}.git")], ["503"]),
            ("no local repository", ["GIT_REMOTE": "/nowhere/{project}.git"], ["/nowhere/sockshop.git"]),
        ]
        for (name, change, parts) in cases {
            let service = try await ServiceProcess.start(settings.merging(change) { _, new in new })
            let record = try #require(try await run(service, id: name).record, "\(name)")
            let sentence = record["reason"]?.string ?? ""
            #expect(record["message"] == "the scripts could not be had", "\(name): \(record.text)")
            for part in parts { #expect(sentence.contains(part), "\(name): \(sentence)") }
            #expect(!sentence.contains("\n") && !sentence.contains("wrong-token"), "\(name): \(sentence)")
            #expect(try await service.get("/health").status == 200)
            #expect(try await service.stop() == 0)
        }
        let service = try await ServiceProcess.start(settings.merging(["GIT_REMOTE": empty.path]) { _, new in new })
        let record = try await run(service, id: "empty").record
        #expect(record?["reason"]?.string?.isEmpty == false, "\(record?.text ?? "")")
        #expect(try await service.stop() == 0)
    }

    @Test(
        "When Git cannot be reached, the last good commit runs and says so, or the task is answered errored",
        arguments: ["cached", "fail"]
    )
    func outage(policy: String) async throws {
        let token = try service(policy)
        let recorder = try await EventRecorder.start()
        let service = try await ServiceProcess.start(token.settings.merging(["EVENTBROKER": recorder.url]) { _, new in new })
        _ = try await run(service, id: "before")
        try await recorder.wait(for: 2)
        try token.directory.write("no longer valid", to: "token")
        _ = try await run(service, id: "after")
        let finished = try await recorder.wait(for: 4)[3]
        let data = try #require(finished.dataObject)
        let message = data["message"]?.string ?? ""
        if policy == "cached" {
            #expect(data["result"] == "pass" && data["status"] == "succeeded")
            #expect(data["labels"]?["executor.stale"]?.string != nil)
            #expect(message.hasSuffix("\none\n") && message.contains("auth"), "\(message)")
        } else {
            #expect(data["result"] == "fail" && data["status"] == "errored")
            #expect(message.contains("401"), "\(message)")
        }
        #expect(try await service.stop() == 0)
    }

    /// Settings with the token in a file, which can be changed.
    private func service(_ policy: String) throws -> (settings: [String: String], directory: TemporaryDirectory) {
        let directory = try TemporaryDirectory()
        let file = try directory.write(GitHTTPServer.password, to: "token")
        var settings = settings
        settings["GIT_TOKEN"] = nil
        settings["GIT_TOKEN_FILE"] = file
        settings["GIT_ON_FAILURE"] = policy
        return (settings, directory)
    }
}
