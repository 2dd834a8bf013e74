import Basics
import CloudEvents
import ServerTestSupport
import TestSupport
import Testing

/// `check` of the built program against a real server with TLS and a password.
@Suite(.timeLimit(.minutes(2))) struct CheckTests {
    let server: GitHTTPServer
    let directory: TemporaryDirectory

    init() async throws {
        server = try GitHTTPServer()
        directory = try TemporaryDirectory()
        let bare = try await BareRepository(at: server.repository("sockshop"))
        try await bare.commit(["genericexecutor/test.triggered.sh": "echo one"])
        try await bare.commit(["carts/genericexecutor/test.triggered.sh": "x", "carts/genericexecutor/lib.sh": "x"], on: "dev")
    }

    private var settings: [String: String] {
        [
            "GIT_REMOTE": server.https("/private/{project}.git"), "GIT_USER": GitHTTPServer.user,
            "GIT_TOKEN": GitHTTPServer.password, "GIT_CA_FILE": server.caFile, "EVENTBROKER": server.http("/public/"),
        ]
    }

    private func check(_ change: [String: String] = [:], _ arguments: String...) async throws -> CommandLineResult {
        let environment = settings.merging(change) { _, new in new }
        return try await CommandLineResult.run(["check"] + arguments, environment: environment, in: directory)
    }

    @Test func whatIsGoodIsToldStepByStep() async throws {
        let result = try await check([:], "--project", "sockshop")
        #expect(result.status == 0 && result.errors.isEmpty, "\(result)")
        for part in [
            "project  sockshop: good", server.https("/private/sockshop.git"), "credentials    GIT_TOKEN",
            "certificate CN = localhost",
            "issued by CN = Test CA", "configuration", "ask", "fetch", "read", "default        main",
            ": carts/genericexecutor (2)", ": genericexecutor (1)", "receiver  good: answered HTTP",
        ] {
            #expect(result.output.contains(part), "\(part): \(result.output)")
        }
        #expect(!result.output.contains(GitHTTPServer.password))
        // Nothing was kept, and nothing of a service's was touched.
        #expect(!Files.exists("\(directory.path)/cache/sockshop"))
    }

    @Test("What is wrong is named with its step, its class and the remedy")
    func wrong() async throws {
        let cases: [(change: [String: String], parts: [String])] = [
            (["GIT_TOKEN": "wrong-s3cret"], ["FAILED", "ask", "auth", "401", "GIT_TOKEN"]),
            (["GIT_CA_FILE": "/etc/ssl/certs/ca-certificates.crt"], ["FAILED", "ask", "tls", "CA file"]),
            (["GIT_REMOTE": server.https("/private/none.git")], ["FAILED", "ask", "not found", "404"]),
            (["EVENTBROKER": "http://127.0.0.1:1/event"], ["receiver  FAILED", "EVENTBROKER"]),
        ]
        for (change, parts) in cases {
            let result = try await check(change, "--project", "sockshop")
            #expect(result.status == 1, "\(result)")
            for part in parts { #expect(result.output.contains(part), "\(part): \(result.output)") }
            #expect(!(result.output + result.errors).contains("s3cret"))
        }
        #expect(try await check([:], "--project", "a/b").status == 2)
        let nobody = try await check()
        #expect(nobody.status == 2 && nobody.errors.contains("--project"), "\(nobody)")
    }

    @Test func programsGetTheSameAsJSON() async throws {
        let result = try await check(["EVENTBROKER": "none"], "--project", "sockshop", "--project", "none", "--output", "json")
        #expect(result.status == 1)
        let report = try JSON(parsing: Array(result.output.utf8))
        #expect(report["good"] == .bool(false) && report["receiver"]?["state"] == "none")
        let projects = try #require(report["projects"]?.array)
        #expect(projects.map { $0["good"] } == [.bool(true), .bool(false)])
        #expect(projects[0]["branches"]?.array?.map { $0["name"]?.string } == ["dev", "main"])
        #expect(projects[1]["steps"]?.array?.last?["class"] == "not found")
    }
}
