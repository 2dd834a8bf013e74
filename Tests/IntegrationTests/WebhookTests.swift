import Basics
import CloudEvents
import Curl
import ServerTestSupport
import TestSupport
import Testing

/// Push webhooks to the built program, whose projects are on nginx and `git http-backend`.
@Suite(.timeLimit(.minutes(3))) struct WebhookTests {
    let server: GitHTTPServer
    let repository: BareRepository

    init() async throws {
        server = try GitHTTPServer()
        repository = try await BareRepository(at: server.repository("sockshop"))
        try await repository.commit(["genericexecutor/test.triggered.sh": "echo one"])
    }

    private var page: String { server.http("/public/sockshop") }

    private func start(_ settings: [String: String] = [:]) async throws -> ServiceProcess {
        let base = ["GIT_REMOTE": server.http("/public/{project}.git"), "GIT_WEBHOOK_SECRET": ForgePush.secret]
        return try await ServiceProcess.start(base.merging(settings) { _, new in new })
    }

    private func post(_ push: ForgePush, to service: ServiceProcess) async throws -> (status: Int, body: JSON) {
        let response = try await service.post(push.body, path: "/hooks/git", headers: push.headers)
        return (response.status, try JSON(parsing: response.body))
    }

    /// Waits until the service holds `commit`; the time limit of the test ends it.
    private func wait(for commit: String, on branch: String = "main", in service: ServiceProcess) async throws {
        while true {
            let response = try await service.admin("GET", "/api/v1/repositories")
            let projects = try JSON(parsing: response.body)["repositories"]?.array ?? []
            let branches = projects.first { $0["project"] == "sockshop" }?["branches"]?.array ?? []
            if branches.contains(where: { $0["name"]?.string == branch && $0["commit"]?.string == commit }) { return }
            try Task.checkCancellation()
        }
    }

    @Test("A signed push of each forge is fetched ahead of any event")
    func refreshAhead() async throws {
        // Senders of events need a token, forges cannot send it.
        let service = try await start(["RCV_TOKEN": "of senders"])
        for kind in ForgePush.Kind.allCases {
            let commit = try await repository.commit(["genericexecutor/test.triggered.sh": .file(Array("echo \(kind)".utf8))])
            let answer = try await post(ForgePush(kind, page: page), to: service)
            #expect(answer.status == 202 && answer.body == ["projects": ["sockshop"]], "\(kind): \(answer.body.text)")
            try await wait(for: commit, in: service)
        }
        #expect(await BareRepository.damage(of: service.directory.path + "/cache/sockshop/repository.git") == "")
        #expect(try await service.stop() == 0)
        #expect(!service.log.contains { $0.text.contains(ForgePush.secret) })
    }

    @Test("A stage's branch that is known is fetched ahead, too")
    func stage() async throws {
        try await repository.commit(["genericexecutor/test.triggered.sh": "echo dev"], on: "dev")
        let service = try await start()
        _ = try await service.post(KeptnEvent.v08("sh.keptn.event.test.triggered"))
        _ = await service.logEntry { $0["message"] == "run finished" }
        let commit = try await repository.commit(["genericexecutor/test.triggered.sh": "echo new"], on: "dev")
        #expect(try await post(ForgePush(.gitea, page: page, reference: "refs/heads/dev"), to: service).status == 202)
        try await wait(for: commit, on: "dev", in: service)
        #expect(try await service.stop() == 0)
    }

    @Test("A wrong signature is refused by 401 and asks nobody", arguments: ForgePush.Kind.allCases)
    func wrongSignature(kind: ForgePush.Kind) async throws {
        let service = try await start()
        let push = ForgePush(kind, page: page, secret: "whsec_d3JvbmcgYnV0IGxvbmcgZW5vdWdo")
        let answer = try await post(push, to: service)
        #expect(answer.status == 401 && answer.body["error"]?.string?.contains("GIT_WEBHOOK_SECRET") == true)
        #expect(try await service.stop() == 0)
        #expect(try server.requests().isEmpty)
    }

    @Test("What is no push that concerns a project gets its status and a sentence")
    func refusals() async throws {
        let service = try await start()
        var noJSON = ForgePush(.github, page: page)
        noJSON.body = Array("hello".utf8)
        noJSON.sign(ForgePush.secret)
        var large = ForgePush(.github, page: page)
        large.body = [UInt8](repeating: 0x20, count: (1 << 20) + 1)
        large.sign(ForgePush.secret)
        var ping = ForgePush(.github, page: page)
        ping.headers.removeAll { $0.name == "X-GitHub-Event" }
        ping.headers.append("X-GitHub-Event", "ping")
        var diagnostics = ForgePush(.bitbucketDataCenter, page: page)
        diagnostics.headers = ["X-Event-Key": "diagnostics:ping", "Content-Type": "application/json"]
        diagnostics.body = Array(#"{"test":true}"#.utf8)
        var unsigned = ForgePush(.gitea, page: page)
        unsigned.headers = ["X-Gitea-Event": "push"]
        let rows: [(ForgePush, Int, String)] = [
            (noJSON, 400, "not valid JSON"), (large, 413, "larger than 1MiB"), (unsigned, 401, "missing"), (ping, 200, "test"),
            (diagnostics, 200, "test"),
            (
                ForgePush(.gitea, page: "https://elsewhere.example/sockshop"), 200,
                "no project has its repository at elsewhere.example"
            ),
        ]
        for (push, status, part) in rows {
            let answer = try await post(push, to: service)
            let sentence = (answer.body["error"] ?? answer.body["reason"])?.string ?? ""
            #expect(answer.status == status && sentence.contains(part), "\(answer.status) \(answer.body.text)")
            if status == 200 { #expect(answer.body["projects"] == []) }
        }
        let read = try await service.get("/hooks/git")
        #expect(read.status == 405 && read.headers["Allow"] == "POST")
        #expect(try await service.stop() == 0)
        #expect(try server.requests().isEmpty)
    }

    @Test("Without a secret every webhook is refused by 403, which names the key; one in a file counts at once")
    func secretFile() async throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/secret"
        let service = try await start(["GIT_WEBHOOK_SECRET": "", "GIT_WEBHOOK_SECRET_FILE": path])
        let push = ForgePush(.forgejo, page: page)
        let closed = try await post(push, to: service)
        #expect(closed.status == 403 && closed.body["error"]?.string?.contains("set GIT_WEBHOOK_SECRET") == true)
        try directory.write(ForgePush.secret + "\n", to: "secret")
        #expect(try await post(push, to: service).status == 202)
        try await wait(for: try await repository.git("rev-parse", "main"), in: service)
        #expect(try await service.stop() == 0)
    }

    @Test("With ENV=local there is nothing to refresh")
    func local() async throws {
        let service = try await start(["ENV": "local"])
        #expect(try await post(ForgePush(.gitea, page: page), to: service).status == 404)
        #expect(try await service.stop() == 0)
    }
}
