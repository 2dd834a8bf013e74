import CloudEvents
import Curl
import ServerTestSupport
import TestSupport
import Testing

/// The port of operators of the built program.
@Suite(.timeLimit(.minutes(3))) struct AdminTests {
    let directory: TemporaryDirectory
    let repository: BareRepository

    init() async throws {
        directory = try TemporaryDirectory()
        repository = try await BareRepository(at: "\(directory.path)/sockshop.git")
        try await repository.commit(["genericexecutor/test.triggered.sh": "echo one"])
    }

    private func start(_ settings: [String: String] = [:]) async throws -> ServiceProcess {
        try await ServiceProcess.start(["GIT_REMOTE": directory.path + "/{project}.git"].merging(settings) { _, new in new })
    }

    private func json(_ response: HTTPResponse) throws -> JSON { try JSON(parsing: response.body) }

    @Test("A repository is refreshed and shown; what cannot be had is told with its class")
    func repositories() async throws {
        let service = try await start()
        #expect(try json(await service.admin("GET", "/api/v1/repositories")) == ["repositories": []])
        #expect(try await service.admin("GET", "/api/v1/repositories/sockshop").status == 404)

        let commit = try await repository.git("rev-parse", "main")
        let refreshed = try await service.admin("POST", "/api/v1/repositories/sockshop/refresh")
        let state = try json(refreshed)
        let branch = state["branches"]?.array?.first
        #expect(refreshed.status == 200 && refreshed.headers["Content-Type"] == "application/json", "\(state.text)")
        #expect(state["project"] == "sockshop" && state["default_branch"] == "main" && state["failure"] == .null, "\(state.text)")
        #expect(branch?["name"] == "main" && branch?["commit"]?.string == commit, "\(state.text)")
        #expect(branch?["asked"]?.string?.hasSuffix("Z") == true, "\(state.text)")
        #expect(try json(await service.admin("GET", "/api/v1/repositories/sockshop")) == state)
        #expect(try json(await service.admin("GET", "/api/v1/repositories")) == ["repositories": [state]])

        let failed = try await service.admin("POST", "/api/v1/repositories/nothing/refresh")
        let failure = try json(failed)
        #expect(failed.status == 502 && failure["class"] == "not found", "\(failure.text)")
        #expect(failure["error"]?.string?.contains(directory.path + "/nothing.git") == true, "\(failure.text)")
        for (method, path, status) in [
            ("POST", "/api/v1/repositories/../refresh", 404), ("POST", "/api/v1/repositories/a%2Fb/refresh", 404),
            ("GET", "/api/v1/repositories/sockshop/refresh", 405), ("GET", "/", 404), ("GET", "/health", 404),
        ] {
            let response = try await service.admin(method, path)
            let sentence = try json(response)["error"]?.string ?? ""
            #expect(response.status == status && !sentence.isEmpty, "\(method) \(path)")
        }
        #expect(try await service.stop() == 0)
    }

    @Test("With a token, nothing is shown without it")
    func token() async throws {
        let service = try await start(["ADMIN_TOKEN": "s3cret-of-operators", "ADMIN_HOST": "0.0.0.0", "RCV_TOKEN": "of senders"])
        for path in ["/metrics", "/api/v1/repositories", "/nothing"] {
            for token in [nil, "of senders", "s3cret-of-operator"] {
                let response = try await service.admin("GET", path, token: token)
                #expect(response.status == 401 && response.headers["WWW-Authenticate"] == "Bearer", "\(path)")
            }
        }
        #expect(try await service.admin("GET", "/metrics", token: "s3cret-of-operators").status == 200)
        #expect(try await service.stop() == 0)
        #expect(!service.log.contains { $0.text.contains("s3cret-of-operators") })
    }

    @Test("HEAD answers as GET does, without the body")
    func head() async throws {
        let service = try await start()
        for path in ["/metrics", "/api/v1/repositories", "/nothing"] {
            let (get, head) = (try await service.admin("GET", path), try await service.admin("HEAD", path))
            #expect(head.status == get.status && head.body.isEmpty && !get.body.isEmpty, "\(path)")
            #expect(head.headers["Content-Type"] == get.headers["Content-Type"], "\(path)")
            #expect(head.headers["Content-Length"] == get.headers["Content-Length"], "\(path)")
        }
        for path in ["/health", "/ready"] {
            let (get, head) = (try await service.get(path), try await service.head(path))
            #expect(get.status == 200 && head.status == 200 && head.body.isEmpty && !get.body.isEmpty, "\(path)")
        }
        #expect(try await service.stop() == 0)
    }

    @Test("Metrics count events, and have every gauge")
    func metrics() async throws {
        let service = try await start()
        _ = try await service.post(KeptnEvent.v08("sh.keptn.event.test.triggered"))
        _ = try await service.post(KeptnEvent.v08("sh.keptn.event.test.triggered"))
        _ = try await service.post(Array("hello".utf8))
        _ = await service.logEntry { $0["message"] == "run finished" }
        // Answers that are recorded only are done some moments later.
        var response = try await service.admin("GET", "/metrics")
        while !String(decoding: response.body, as: UTF8.self).contains("ges_outbox_depth 0\n") {
            response = try await service.admin("GET", "/metrics")
        }
        #expect(response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
        let lines = Set(String(decoding: response.body, as: UTF8.self).split(separator: "\n").map(String.init))
        for line in [
            #"ges_events_total{outcome="accepted"} 1"#, #"ges_events_total{outcome="known"} 1"#,
            #"ges_events_total{outcome="refused"} 1"#, "# TYPE ges_refresh_seconds histogram",
            "# TYPE ges_refresh_failures_total counter", "ges_cache_bytes 0", "ges_queue_depth 0", "ges_running 0",
        ] {
            #expect(lines.contains(line), "\(line)")
        }
        #expect(try await service.stop() == 0)
    }

    @Test("A port of operators that is taken, or open to others without a token, ends the start and names the setting")
    func refusedStart() async throws {
        let service = try await start()
        for (settings, status, part) in [
            (
                ["ADMIN_PORT": "\(service.adminPort)"], "exited(1)",
                "cannot listen on 127.0.0.1 port \(service.adminPort): Address already in use; see ADMIN_HOST and ADMIN_PORT"
            ),
            (["ADMIN_HOST": "0.0.0.0"], "exited(2)", "set ADMIN_TOKEN, or let ADMIN_HOST be 127.0.0.1"),
            (["RCV_PATH": "/hooks/git"], "exited(2)", "RCV_PATH is '/hooks/git'"),
        ] {
            let failure = await #expect(throws: ServiceFailure.self) { try await start(settings) }
            let text = failure?.description ?? ""
            #expect(text.contains(status) && text.contains(part), "\(text)")
        }
        #expect(try await service.stop() == 0)
    }
}
