import Basics
public import CloudEvents
public import Curl
import Glibc
public import Processes
public import TestSupport

/// The built program, running `serve` on a free port of loopback. Ended with the value, if it was not stopped before.
public final class ServiceProcess: Sendable {
    /// The program that `PROGRAM` names, else the one beside the tests that run.
    public static let executable: String = {
        if let named = getenv("PROGRAM") { return String(cString: named) }
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let tests = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        let directory = tests.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        return directory + "/generic-executor-service"
    }()

    public let port: Int
    /// The port of operators.
    public let adminPort: Int
    private let launch: ServiceLaunch
    private let client = HTTPClient()

    init(_ launch: ServiceLaunch, port: Int, adminPort: Int) {
        self.launch = launch
        self.port = port
        self.adminPort = adminPort
    }

    /// The environment of a program that depends on nothing of this machine but its tools.
    public static func environment(_ settings: [String: String], in directory: TemporaryDirectory) -> [String: String] {
        let base = [
            "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": directory.path,
            "CACHE_DIRECTORY": directory.path + "/cache", "DATA_DIRECTORY": directory.path + "/data",
        ]
        return base.merging(settings) { _, new in new }
    }

    /// Starts the service and waits until it listens.
    ///
    /// - Parameters:
    ///   - directory: where it keeps its clones and its data; nil: one of its own.
    ///   - limit: how long it may run.
    /// - Throws: with what it wrote, if it ended instead.
    public static func start(
        _ settings: [String: String],
        arguments: [String] = [],
        in directory: TemporaryDirectory? = nil,
        limit: Duration = .seconds(600)
    ) async throws -> ServiceProcess {
        let directory = try directory ?? TemporaryDirectory()
        return try await ServiceLaunch(settings, arguments: arguments, in: directory, limit: limit).listening()
    }

    /// Where it keeps its clones and its data.
    public var directory: TemporaryDirectory { launch.directory }
    public var url: String { "http://127.0.0.1:\(port)" }
    public var adminURL: String { "http://127.0.0.1:\(adminPort)" }

    /// All log entries so far.
    public var log: [JSON] { launch.log }
    /// All that it wrote so far.
    public var text: String { launch.text }

    /// Waits for a log entry, one that came already too; nil if the service ended without it.
    public func logEntry(where isWanted: @escaping @Sendable (JSON) -> Bool) async -> JSON? {
        await launch.lines.first(where: isWanted)
    }

    /// Posts a body as a sender would.
    public func post(
        _ body: [UInt8],
        path: String = "/",
        headers: HTTPHeaders = ["Content-Type": "application/cloudevents+json"]
    ) async throws -> HTTPResponse {
        try await client.send(
            HTTPRequest("POST", url + path, headers: headers, body: body),
            deadline: .after(.seconds(20))
        )
    }

    public func post(_ event: JSON) async throws -> HTTPResponse { try await post(event.serialized()) }

    public func get(_ path: String) async throws -> HTTPResponse {
        try await client.send(HTTPRequest("GET", url + path), deadline: .after(.seconds(20)))
    }

    public func head(_ path: String) async throws -> HTTPResponse {
        try await client.send(HTTPRequest("HEAD", url + path), deadline: .after(.seconds(20)))
    }

    /// Asks the port of operators.
    public func admin(_ method: String = "GET", _ path: String, token: String? = nil) async throws -> HTTPResponse {
        let headers = HTTPHeaders(token.map { [.init("Authorization", "Bearer \($0)")] } ?? [])
        return try await client.send(HTTPRequest(method, adminURL + path, headers: headers), deadline: .after(.seconds(60)))
    }

    /// Waits for an end that comes by itself.
    @discardableResult
    public func ended() async throws -> ProcessExit { try await launch.ended() }

    /// Sends SIGTERM and waits for the end.
    ///
    /// - Returns: the exit status; nil if a signal ended it.
    public func stop() async throws -> Int? { try await launch.stop().code }

    public func signal(_ signal: Int32) { launch.signal(signal) }

    /// Sends SIGKILL and waits for the end.
    public func kill() async throws { try await launch.kill() }
}

extension ProcessExit {
    /// The exit status; nil if a signal ended it.
    public var code: Int? { if case .exited(let code) = status { Int(code) } else { nil } }
}

/// A service that did not start, or did what it must not.
public struct ServiceFailure: Error, CustomStringConvertible {
    public let description: String

    public init(description: String) { self.description = description }
}
