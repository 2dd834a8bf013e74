import CloudEvents
import Curl
import ServerTestSupport
import TestSupport
import Testing

/// What operators see of refreshes that go well and of those that fail.
@Suite(.timeLimit(.minutes(2))) struct RefreshMetricsTests {
    let server: GitHTTPServer
    let repository: BareRepository
    let token: TemporaryDirectory

    init() async throws {
        server = try GitHTTPServer()
        repository = try await BareRepository(at: server.repository("sockshop"))
        token = try TemporaryDirectory()
        try token.write(GitHTTPServer.password, to: "token")
    }

    private func run(_ service: ServiceProcess, id: String) async throws {
        _ = try await service.post(KeptnEvent.v08("sh.keptn.event.test.triggered", id: id))
        _ = await service.logEntry { entry in
            let messages = ["run finished", "nothing to run", "the scripts could not be had"]
            return entry["event.id"]?.string == id && messages.contains(entry["message"]?.string ?? "")
        }
    }

    /// The value of a series as it is written; nil if there is none.
    private func value(_ series: String, _ service: ServiceProcess) async throws -> String? {
        let body = try await service.admin("GET", "/metrics").body
        let lines = String(decoding: body, as: UTF8.self).split(separator: "\n")
        return lines.first { $0.hasPrefix(series + " ") }.map { String($0.dropFirst(series.count + 1)) }
    }

    private func ready(_ service: ServiceProcess) async throws -> (status: Int, repositories: JSON?) {
        let response = try await service.get("/ready")
        return (response.status, try JSON(parsing: response.body)["repositories"])
    }

    @Test("Refreshes are counted by kind, failures by class, and /ready tells of a repository that fails")
    func kinds() async throws {
        try await repository.commit(["genericexecutor/test.triggered.sh": "echo one"])
        let service = try await ServiceProcess.start([
            "GIT_REMOTE": server.http("/private/{project}.git"), "GIT_USER": GitHTTPServer.user,
            "GIT_TOKEN_FILE": token.path + "/token",
        ])
        try await run(service, id: "cloned")
        try await run(service, id: "unchanged")
        try await run(service, id: "unchanged again")
        try await repository.commit(["genericexecutor/test.triggered.sh": "echo two"])
        try await run(service, id: "fetched")
        for (kind, count) in [("cloned", 1), ("unchanged", 2), ("fetched", 1), ("held", 0), ("cached", 0), ("failed", 0)] {
            let value = try await value(#"ges_refresh_seconds_count{kind="\#(kind)"}"#, service)
            #expect(value == "\(count)", "\(kind)")
        }
        let bytes = try await value("ges_cache_bytes", service)
        #expect(bytes.flatMap { Int($0) } ?? 0 > 0)
        let healthy = try await ready(service)
        #expect(healthy.status == 200 && healthy.repositories == ["total": 1, "failing": 0, "failures": []])

        try token.write("no longer valid", to: "token")
        try await run(service, id: "cached")
        let cached = try await value(#"ges_refresh_seconds_count{kind="cached"}"#, service)
        let failures = try await value(#"ges_refresh_failures_total{class="auth"}"#, service)
        #expect(cached == "1" && failures == "1")
        let failing = try await ready(service)
        let failure = failing.repositories?["failures"]?.array?.first
        #expect(failing.status == 200 && failing.repositories?["failing"] == 1, "\(failing.repositories?.text ?? "")")
        #expect(failure?["project"] == "sockshop" && failure?["class"] == "auth")
        #expect(failure?["since"]?.string?.hasSuffix("Z") == true)
        #expect(try await service.stop() == 0)
    }
}
