import Basics
import CLoad
import CloudEvents
import Glibc
import Measuring
import Serving
import TestSupport

/// Debian's package `webhook`: a request runs the script, and is answered with its output.
final class WebhookServer: Contender {
    static let program = "/usr/bin/webhook"

    let name = Options.Name.webhook
    private let load: LoadGenerator
    private let directory: TemporaryDirectory
    private let server: ServerProcess
    private let port: Int
    private let process: Int

    init(_ workload: Workload, _ load: LoadGenerator) async throws {
        self.load = load
        directory = try TemporaryDirectory()
        let arguments: [JSON] = [workload.scriptPath, workload.eventPath].map { ["source": "string", "name": .string($0)] }
        let hooks: JSON = [
            [
                "id": "bench", "execute-command": .string(Workload.interpreter), "include-command-output-in-response": true,
                "pass-arguments-to-command": .array(arguments),
            ]
        ]
        let file = try directory.write(String(decoding: hooks.serialized(), as: UTF8.self), to: "hooks.json")
        let port = try Self.freePort()
        let server = ServerProcess(
            Self.program,
            ["-hooks", file, "-ip", "127.0.0.1", "-port", "\(port)"],
            environment: ["PATH": "/usr/bin:/bin", "HOME": directory.path],
            in: directory.path
        )
        try await server.ready { Self.isOpen(port) ? () : nil }
        process = try server.process()
        self.port = port
        self.server = server
    }

    func turn(_ runs: Int, atOnce: Int) async throws -> Turn {
        let target = LoadGenerator.Target(
            port: port,
            path: "/hooks/bench",
            contentType: "application/json",
            body: Workload.event,
            end: CLOAD_RESPONSE,
            expected: Workload.output
        )
        return try await load.turn(runs, atOnce: atOnce, at: target, served: process)
    }

    func stop() async { await server.stop() }

    /// It takes no port from the system: one is asked for and given back. Whoever takes it in between makes the start fail.
    private static func freePort() throws -> Int {
        var port = 0
        try withSocket { socket, address in
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            guard bind(socket, address, size) == 0, getsockname(socket, address, &size) == 0 else { return }
            port = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { Int(UInt16(bigEndian: $0.pointee.sin_port)) }
        }
        guard port > 0 else { throw BenchmarkError("there is no free port on 127.0.0.1") }
        return port
    }

    private static func isOpen(_ port: Int) -> Bool {
        var isOpen = false
        try? withSocket(port: port) { socket, address in
            isOpen = connect(socket, address, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
        return isOpen
    }

    private static func withSocket(port: Int = 0, _ body: (CInt, UnsafeMutablePointer<sockaddr>) -> Void) throws {
        let socket = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw BenchmarkError("cannot make a socket: \(String(cString: strerror(errno)))") }
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body(socket, $0) }
        }
    }
}
