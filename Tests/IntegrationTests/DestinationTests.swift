import CloudEvents
import ServerTestSupport
import TestSupport
import Testing

/// Where `.http` files may go, through the built program.
@Suite(.timeLimit(.minutes(2))) struct DestinationTests {
    /// - Returns: what Keptn is told in the end, and how often the web server was called.
    private func run(
        _ url: (ServiceProcess, ProjectFixture) -> String,
        _ settings: [String: String] = [:]
    ) async throws -> (finished: JSONObject, calls: Int) {
        let project = try await ProjectFixture()
        try await project.commit(["genericexecutor/test.triggered.http": "POST $LABEL_url"], on: "dev")
        let service = try await project.start(settings)
        let data: JSONObject = ["labels": ["url": .string(url(service, project))]]
        _ = try await service.post(KeptnEvent.v08("sh.keptn.event.test.triggered", data: data))
        let finished = try #require(try await project.keptn.wait(for: 2)[1].dataObject)
        #expect(try await service.stop() == 0)
        // Its file comes with the first request.
        return (finished, (try? project.webhook.requests().count) ?? 0)
    }

    @Test(
        "The port of operators is closed to them, also one that the system chose, however it is written",
        arguments: ["127.0.0.1", "localhost", "0.0.0.0", "2130706433", "[::ffff:127.0.0.1]"]
    )
    func ownPort(host: String) async throws {
        // The rules alone would allow it.
        let (finished, _) = try await run({ service, _ in "http://\(host):\(service.adminPort)/metrics" }, ["HTTP_DENY": "none"])
        #expect(finished["status"] == "errored" && finished["result"] == "fail")
        let message = finished["message"]?.string ?? ""
        #expect(message.contains("is this service's own port for operators (ADMIN_PORT)"), "\(message)")
        #expect(!message.contains("ges_running"))
    }

    @Test("HTTP_DENY keeps a request from being sent, and the answer says so") func denied() async throws {
        let (passed, calls) = try await run({ $1.webhook.url + "/200" })
        #expect(passed["result"] == "pass" && calls == 1)
        let (finished, none) = try await run({ $1.webhook.url + "/200" }, ["HTTP_DENY": "127.0.0.0/8"])
        #expect(finished["status"] == "errored" && none == 0)
        let sentence = "HTTP_DENY (127.0.0.0/8) does not allow requests to 127.0.0.1; change HTTP_ALLOW or HTTP_DENY"
        #expect(finished["message"]?.string?.contains(sentence) == true, "\(finished["message"]?.text ?? "")")
    }
}
