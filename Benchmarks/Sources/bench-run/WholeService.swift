import Basics
import CLoad
import Serving
import TestSupport

/// The built program: events come by HTTP, scripts from a bare repository on this disk, started and finished are posted.
final class WholeService: Contender {
    let name = Options.Name.service
    private let load: LoadGenerator
    private let directory: TemporaryDirectory
    private let server: ServerProcess
    private let port: Int
    private let process: Int

    init(_ program: String, _ load: LoadGenerator) async throws {
        self.load = load
        directory = try TemporaryDirectory()
        let repository = try await BareRepository(at: directory.path + "/bench.git")
        let script = BareRepository.Change.file(Array(Workload.script.utf8))
        let commit = try await repository.commit(["genericexecutor/\(Workload.scriptName)": script])
        try await repository.commit(["stage.txt": "dev\n"], on: "dev", parent: commit)
        let environment = [
            "PATH": "/usr/bin:/bin", "HOME": directory.path, "RCV_HOST": "127.0.0.1", "RCV_PORT": "0",
            "ADMIN_PORT": "0", "LOG_FORMAT": "json", "GIT_REMOTE": directory.path + "/{project}.git",
            "EVENTBROKER": "http://127.0.0.1:\(load.port)/event", "CACHE_DIRECTORY": directory.path + "/cache",
            "DATA_DIRECTORY": directory.path + "/data",
        ]
        let server = ServerProcess(program, ["serve"], environment: environment, in: directory.path)
        port = try await server.ready { server.port(after: "listening") }
        process = try server.process()
        self.server = server
    }

    func turn(_ runs: Int, atOnce: Int) async throws -> Turn {
        let target = LoadGenerator.Target(
            port: port,
            path: "/",
            contentType: "application/cloudevents+json",
            body: Workload.event,
            end: CLOAD_FINISHED,
            expected: Workload.output
        )
        return try await load.turn(runs, atOnce: atOnce, at: target, served: process)
    }

    func stop() async { await server.stop() }
}
