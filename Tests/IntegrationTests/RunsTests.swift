import Basics
import CloudEvents
import Curl
import ServerTestSupport
import Synchronization
import TestSupport
import Testing

/// The history of the built program over its API: lists, re-runs, cancelling.
@Suite(.timeLimit(.minutes(3))) struct RunsTests {
    /// Prints what it is told to and ends as the event says; one with the id `held` waits for a file.
    private static let script = """
        echo "$SERVICE of version one"
        if [[ $ID == held* ]]; then until [[ -e $ENV_GATE ]]; do sleep 0.02; done; fi
        exit "${LABEL_exit:-0}"
        """

    private let fixture: ProjectFixture

    init() async throws {
        fixture = try await ProjectFixture()
        try await fixture.commit(["genericexecutor/test.triggered.sh": .file(Array(Self.script.utf8))], on: "dev")
    }

    private var gate: String { fixture.directory.path + "/gate" }

    private func start(_ settings: [String: String] = [:]) async throws -> ServiceProcess {
        try await fixture.start(["GATE": gate].merging(settings) { _, new in new })
    }

    private func event(_ id: String, service: String = "carts", exit: Int = 0) -> JSON {
        KeptnEvent.v08(
            "sh.keptn.event.test.triggered",
            id: id,
            context: "context-of-\(id)",
            data: ["service": .string(service), "labels": ["exit": .string("\(exit)")]]
        )
    }

    /// - Returns: the id of the run.
    private func post(_ event: JSON, to service: ServiceProcess) async throws -> String {
        let response = try await service.post(event)
        return try #require(try JSON(parsing: response.body)["run"]?.string)
    }

    private func json(_ path: String, of service: ServiceProcess) async throws -> JSON {
        try JSON(parsing: try await service.admin("GET", path).body)
    }

    private func ended(_ run: String, of service: ServiceProcess) async throws -> JSON {
        _ = try await EventStream(service, run).read()
        return try await json("/api/v1/runs/\(run)", of: service)
    }

    private func finished(_ events: [CloudEvent], of id: String) -> [CloudEvent] {
        events.filter { $0.type == "sh.keptn.event.test.finished" && $0.extensionText("triggeredid") == id }
    }

    @Test("Runs are listed, filtered and shown, in pages, and their outputs in three forms")
    func history() async throws {
        let service = try await start()
        #expect(try await json("/api/v1/runs", of: service) == ["runs": [], "next": .null])
        var runs: [String] = []
        for number in 0..<5 {
            runs.append(
                try await post(event("e\(number)", service: number == 3 ? "orders" : "carts", exit: number % 2), to: service)
            )
            _ = try await ended(runs[number], of: service)
        }
        try await fixture.keptn.wait(for: 10)
        func list(_ query: String) async throws -> [String] {
            try await json("/api/v1/runs?\(query)", of: service)["runs"]?.array?.compactMap { $0["id"]?.string } ?? []
        }
        #expect(try await list("") == runs.reversed())
        #expect(try await list("result=fail") == [runs[3], runs[1]])
        #expect(try await list("service=orders&project=sockshop&stage=dev&since=1h") == [runs[3]])
        #expect(try await list("until=1h") == [])
        let first = try await json("/api/v1/runs?limit=3", of: service)
        let next = try #require(first["next"]?.string)
        #expect(try await list("limit=3&cursor=\(next)") == [runs[1], runs[0]])
        for query in ["result=passed", "limit=0", "cursor=x", "projects=a", "since=never"] {
            let response = try await service.admin("GET", "/api/v1/runs?\(query)")
            #expect(response.status == 400 && String(decoding: response.body, as: UTF8.self).contains("\"error\":"), "\(query)")
        }

        let run = try await json("/api/v1/runs/\(runs[3])", of: service)
        let commit = try await fixture.repository.git("rev-parse", "dev")
        #expect(run["event"]?["id"] == "e3" && run["event"]?["context"] == "context-of-e3", "\(run.text)")
        #expect(run["state"] == "failed" && run["result"] == "fail" && run["commits"]?["stage"]?.string == commit, "\(run.text)")
        #expect(run["steps"]?.array?.first?["exit"] == 1 && run["rerun_of"] == .null, "\(run.text)")
        #expect(run["answers"]?.array?.map { $0["type"] } == ["sh.keptn.event.test.started", "sh.keptn.event.test.finished"])

        let text = try await service.admin("GET", "/api/v1/runs/\(runs[3])/output")
        #expect(String(decoding: text.body, as: UTF8.self) == "== test.triggered.sh\norders of version one\n")
        #expect(text.headers["Content-Type"] == "text/plain; charset=utf-8")
        let records = try await request("GET", "/api/v1/runs/\(runs[3])/output", ["Accept": "application/json"], service)
        let record = try JSON(parsing: records.body)["records"]?.array?.first
        #expect(record?["text"] == "orders of version one\n" && record?["file"] == "test.triggered.sh", "\(record?.text ?? "")")
        for path in ["", "/output"] {
            #expect(try await service.admin("GET", "/api/v1/runs/0192-no-such-run\(path)").status == 404)
        }
        #expect(try await service.stop() == 0)
    }

    private func request(_ method: String, _ path: String, _ headers: HTTPHeaders, _ service: ServiceProcess, body: String = "")
        async throws -> HTTPResponse
    {
        let request = HTTPRequest(method, service.adminURL + path, headers: headers, body: Array(body.utf8))
        return try await HTTPClient().send(request, deadline: .after(.seconds(20)))
    }

    @Test("What a client has already is not sent again")
    func tags() async throws {
        let service = try await start()
        let run = try await post(event("a"), to: service)
        _ = try await ended(run, of: service)
        try await fixture.keptn.wait(for: 2)
        _ = await service.logEntry { $0["message"] == "run finished" }
        for path in ["/api/v1/runs", "/api/v1/repositories"] {
            let first = try await service.admin("GET", path)
            let tag = try #require(first.headers["ETag"])
            let second = try await request("GET", path, ["If-None-Match": tag], service)
            #expect(second.status == 304 && second.body.isEmpty && second.headers["ETag"] == tag, "\(path)")
            #expect(try await request("GET", path, ["If-None-Match": "W/\"other\""], service).status == 200, "\(path)")
        }
        let tag = try #require(try await service.admin("GET", "/api/v1/runs").headers["ETag"])
        _ = try await ended(try await post(event("b"), to: service), of: service)
        #expect(try await request("GET", "/api/v1/runs", ["If-None-Match": tag], service).status == 200)
        #expect(try await service.stop() == 0)
    }

    @Test("A run is run again with the commit of now or of then, and Keptn hears of it only on request")
    func rerun() async throws {
        let service = try await start()
        let first = try await post(event("a"), to: service)
        _ = try await ended(first, of: service)
        let new = Self.script.replacing("version one", with: "version two")
        try await fixture.commit(["genericexecutor/test.triggered.sh": .file(Array(new.utf8))], on: "dev")
        var runs: [String] = []
        for (query, body, output) in [
            ("", "", "carts of version two\n"), ("?commit=same", "", "carts of version one\n"),
            ("", #"{"commit":"same","answer":true}"#, "carts of version one\n"),
        ] {
            let response = try await request("POST", "/api/v1/runs/\(first)/rerun\(query)", [:], service, body: body)
            let receipt = try JSON(parsing: response.body)
            let run = try #require(receipt["run"]?.string)
            #expect(response.status == 202 && receipt["id"] == "a" && run != first && !runs.contains(run), "\(receipt.text)")
            runs.append(run)
            let record = try await ended(run, of: service)
            #expect(record["state"] == "finished" && record["rerun_of"]?.string == first, "\(record.text)")
            #expect(record["message"]?.string == output, "\(record.text)")
            #expect(record["answers"]?.array?.count == (body.isEmpty ? 0 : 2), "\(record.text)")
        }
        let answers = try await fixture.keptn.wait { $0.count { $0.type == "sh.keptn.event.test.finished" } == 2 }
        #expect(answers.count == 4 && finished(answers, of: "a").count == 2)
        for (path, status) in [
            ("/api/v1/runs/none/rerun", 404), ("/api/v1/runs/\(first)/rerun?commit=old", 400),
            ("/api/v1/runs/\(first)/rerun?force=1", 400),
        ] {
            let response = try await service.admin("POST", path)
            #expect(response.status == status && !response.body.isEmpty, "\(path)")
        }
        #expect(try await service.stop() == 0)
    }

    @Test("A run is cancelled, whether it waits or runs: Keptn is told once that it failed")
    func cancel() async throws {
        let service = try await start(["SCRIPT_CONCURRENCY": "1"])
        let running = try await post(event("held"), to: service)
        _ = try await EventStream(service, running).read(count: 1)
        let waiting = try await post(event("waits"), to: service)
        try await fixture.keptn.wait { $0.count { $0.type == "sh.keptn.event.test.started" } == 2 }
        for run in [waiting, running] {
            let response = try await service.admin("POST", "/api/v1/runs/\(run)/cancel")
            #expect(response.status == 202, "\(String(decoding: response.body, as: UTF8.self))")
            let record = try await ended(run, of: service)
            #expect(record["state"] == "cancelled" && record["result"] == "fail", "\(record.text)")
            let again = try await service.admin("POST", "/api/v1/runs/\(run)/cancel")
            #expect(again.status == 409 && String(decoding: again.body, as: UTF8.self).contains("is over (cancelled)"))
        }
        #expect(try await service.admin("POST", "/api/v1/runs/none/cancel").status == 404)
        // The slot is free again, and nothing more is said of the two.
        _ = try await post(event("last"), to: service)
        let answers = try await fixture.keptn.wait {
            $0.contains { $0.extensionText("triggeredid") == "last" && $0.dataObject?["result"] == "pass" }
        }
        for id in ["held", "waits"] {
            let finished = finished(answers, of: id)
            #expect(finished.count == 1 && finished.first?.dataObject?["result"] == "fail", "\(id): \(finished)")
            #expect(answers.count { $0.extensionText("triggeredid") == id } == 2)
        }
        #expect(try await service.stop() == 0)
    }

    @Test("A run whose repository does not answer is cancelled, too")
    func cancelBeforePlan() async throws {
        let server = try SilentServer()
        let service = try await start(["GIT_REMOTE": "http://127.0.0.1:\(server.port)/{project}.git"])
        let run = try await post(event("a"), to: service)
        try await waitUntil { try await service.admin("POST", "/api/v1/runs/\(run)/cancel").status == 202 }
        let record = try await ended(run, of: service)
        #expect(record["state"] == "cancelled" && record["result"] == "fail", "\(record.text)")
        #expect(record["message"] == "cancelled before a file ran" && record["answers"] == [], "\(record.text)")
        #expect(try await service.stop() == 0)
    }
}
