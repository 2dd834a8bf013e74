import Basics
import CLoad
import Curl
import Measuring
import Serving
import TestSupport

/// The built program, which accepts events that name no project: nothing is run for them, and nothing answered.
final class AcceptingService: Sendable {
    /// The id is as random as those that Keptn makes: each falls into another place of what is sorted by it.
    static let event = """
        {"specversion":"1.0","id":"~~~~~~~~-89ab-4cde-8f01-0000########","source":"shipyard-controller",\
        "type":"sh.keptn.event.bench.triggered","time":"2024-01-02T03:04:05.678Z","datacontenttype":"application/json",\
        "shkeptncontext":"~~~~~~~~-7654-4321-8765-0000########","shkeptnspecversion":"0.2.4",\
        "data":{"stage":"dev","service":"carts","labels":{"build":"17","owner":"somebody"},"deployment":{\
        "deploymentURIsLocal":["http://carts.sockshop-dev:80"],"deploymentNames":["direct"]},"message":"","status":"succeeded"}}
        """
    static let list = "/api/v1/runs?limit=50"

    private let load: LoadGenerator
    /// Are there as long as the service.
    private let home, data: TemporaryDirectory
    private let server: ServerProcess
    private let client = HTTPClient()
    private let process: Int
    private let port: Int
    private let adminPort: Int

    /// - Parameters:
    ///   - sync: of `DATA_SYNC`.
    ///   - data: of `DATA_DIRECTORY`.
    init(_ program: String, _ load: LoadGenerator, sync: String, data: TemporaryDirectory) async throws {
        self.load = load
        let home = try TemporaryDirectory()
        self.home = home
        self.data = data
        let environment = [
            "PATH": "/usr/bin:/bin", "HOME": home.path, "RCV_HOST": "127.0.0.1", "RCV_PORT": "0", "ADMIN_PORT": "0",
            "LOG_FORMAT": "json", "EVENTBROKER": "none", "GIT_REMOTE": home.path + "/{project}.git", "DATA_SYNC": sync,
            "CACHE_DIRECTORY": home.path + "/cache", "DATA_DIRECTORY": data.path,
            // Nothing is removed meanwhile.
            "HISTORY_MAX_AGE": "36500d", "HISTORY_MAX_RUNS": "1000000000", "HISTORY_MAX_BYTES": "1024GiB",
        ]
        server = ServerProcess(program, ["serve"], environment: environment, in: home.path)
        port = try await server.ready { [server] in server.port(after: "listening") }
        adminPort = try await server.ready { [server] in server.port(after: "listening for operators") }
        process = try server.process()
    }

    /// Posts events that were never posted before.
    func accept(_ count: Int, atOnce: Int) async throws -> Turn {
        let target = LoadGenerator.Target(
            port: port,
            path: "/",
            contentType: "application/cloudevents+json",
            body: Self.event,
            end: CLOAD_ACCEPTED,
            expected: "\"run\""
        )
        let before = try await commits()
        var turn = try await load.turn(count, atOnce: atOnce, at: target, served: process)
        turn.commits = try await commits() - before
        return turn
    }

    /// Asks for the newest runs.
    func list(_ count: Int, atOnce: Int) async throws -> Turn {
        let target = LoadGenerator.Target(
            method: "GET",
            port: adminPort,
            path: Self.list,
            contentType: "application/json",
            body: "",
            end: CLOAD_RESPONSE,
            expected: "\"runs\""
        )
        return try await load.turn(count, atOnce: atOnce, at: target, served: process)
    }

    /// Whether this version of the service tells of its runs.
    func hasList() async throws -> Bool { try await get(Self.list).status == 200 }

    private func commits() async throws -> Turn.Commits {
        let lines = String(decoding: try await get("/metrics").body, as: UTF8.self).split(separator: "\n")
        func value(_ name: String) throws -> Double {
            let line = lines.first { $0.hasPrefix(name + " ") }
            guard let value = line?.split(separator: " ").last.flatMap({ Double($0) }) else {
                throw BenchmarkError("the service has no metric \(name)")
            }
            return value
        }
        return Turn.Commits(
            count: try value("ges_commits_total"),
            events: try value("ges_commit_events_sum"),
            senders: try value("ges_commit_senders_sum")
        )
    }

    private func get(_ path: String) async throws -> HTTPResponse {
        try await client.send(HTTPRequest("GET", "http://127.0.0.1:\(adminPort)\(path)"), deadline: .after(.seconds(10)))
    }

    func stop() async { await server.stop() }
}
