import Basics
public import CloudEvents
public import Curl
import Glibc
public import Processes
import Synchronization
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
    /// Where it keeps its clones and its data.
    public let directory: TemporaryDirectory
    private let task: Task<ProcessExit, any Error>
    private let lines: LogLines
    private let client = HTTPClient()

    private init(port: Int, adminPort: Int, directory: TemporaryDirectory, task: Task<ProcessExit, any Error>, lines: LogLines) {
        self.port = port
        self.adminPort = adminPort
        self.directory = directory
        self.task = task
        self.lines = lines
    }

    deinit { task.cancel() }

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
    ///   - directory: where one before has left its clones and data; a new one without it.
    ///   - limit: how long it may run.
    /// - Throws: with what it wrote, if it ended instead.
    public static func start(
        _ settings: [String: String],
        arguments: [String] = [],
        in directory: TemporaryDirectory? = nil,
        limit: Duration = .seconds(600)
    ) async throws -> ServiceProcess {
        let directory = try directory ?? TemporaryDirectory()
        let base = [
            "RCV_HOST": "127.0.0.1", "RCV_PORT": "0", "ADMIN_PORT": "0", "LOG_FORMAT": "json", "EVENTBROKER": "none",
        ]
        let command = Command(
            executable,
            ["serve"] + arguments,
            environment: environment(base.merging(settings) { _, new in new }, in: directory),
            directory: directory.path
        )
        let lines = LogLines()
        let task = Task {
            defer { lines.finish() }
            return try await command.run(until: .after(limit), grace: .seconds(30)) { lines.append($0.bytes) }
        }
        func port(_ message: String) async -> Int? {
            await lines.first { $0["message"]?.string == message }?["port"]?.scalarText.flatMap { Int($0) }
        }
        guard let adminPort = await port("listening for operators"), let port = await port("listening") else {
            let exit = try await task.value
            throw ServiceFailure(description: "the service ended with \(exit): \(lines.text)")
        }
        return ServiceProcess(port: port, adminPort: adminPort, directory: directory, task: task, lines: lines)
    }

    public var url: String { "http://127.0.0.1:\(port)" }
    public var adminURL: String { "http://127.0.0.1:\(adminPort)" }

    /// All log entries so far.
    public var log: [JSON] { lines.entries }

    /// Waits for a log entry, one that came already too; nil if the service ended without it.
    public func logEntry(where isWanted: @escaping @Sendable (JSON) -> Bool) async -> JSON? { await lines.first(where: isWanted) }

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
    public func ended() async throws -> ProcessExit { try await task.value }

    /// Sends SIGTERM and waits for the end.
    ///
    /// - Returns: the exit status; nil if a signal ended it.
    public func stop() async throws -> Int? {
        task.cancel()
        return try await task.value.code
    }
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
