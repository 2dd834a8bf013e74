import Basics
public import CloudEvents
import Glibc
public import Processes
public import TestSupport

/// The built program, begun with `serve` and perhaps not listening yet. Ended with the value, if it was not before.
public final class ServiceLaunch: Sendable {
    let directory: TemporaryDirectory
    let lines = LogLines()
    private let task: Task<ProcessExit, any Error>
    /// On its command line; nobody else's has it.
    private let argument: String

    /// - Parameters:
    ///   - directory: where it keeps its clones and its data.
    ///   - limit: how long it may run.
    public init(
        _ settings: [String: String],
        arguments: [String] = [],
        in directory: TemporaryDirectory,
        limit: Duration = .seconds(600)
    ) {
        let base = [
            "RCV_HOST": "127.0.0.1", "RCV_PORT": "0", "ADMIN_PORT": "0", "LOG_FORMAT": "json", "EVENTBROKER": "none",
        ]
        let environment = ServiceProcess.environment(base.merging(settings) { _, new in new }, in: directory)
        let (name, data) = ("DATA_DIRECTORY=", environment["DATA_DIRECTORY"] ?? "")
        let named = arguments.first { $0.hasPrefix(name) }
        argument = named ?? name + data
        let command = Command(
            ServiceProcess.executable,
            ["serve"] + (named == nil ? ["--set", argument] : []) + arguments,
            environment: environment,
            directory: directory.path
        )
        self.directory = directory
        task = Task { [lines] in
            defer { lines.finish() }
            return try await command.run(until: .after(limit), grace: .seconds(30)) { lines.append($0.bytes) }
        }
    }

    deinit { task.cancel() }

    /// All log entries so far.
    public var log: [JSON] { lines.entries }
    /// All that it wrote so far.
    public var text: String { lines.text }

    /// Waits until it listens.
    ///
    /// - Throws: ``ServiceFailure`` with what it wrote, if it ended instead.
    public func listening() async throws -> ServiceProcess {
        func port(_ message: String) async -> Int? {
            await lines.first { $0["message"]?.string == message }?["port"]?.scalarText.flatMap { Int($0) }
        }
        guard let adminPort = await port("listening for operators"), let port = await port("listening") else {
            let exit = try await task.value
            throw ServiceFailure(description: "the service ended with \(exit): \(lines.text)")
        }
        return ServiceProcess(self, port: port, adminPort: adminPort)
    }

    /// Waits for an end that comes by itself.
    @discardableResult
    public func ended() async throws -> ProcessExit { try await task.value }

    /// Sends SIGTERM and waits for the end.
    @discardableResult
    public func stop() async throws -> ProcessExit {
        task.cancel()
        return try await task.value
    }

    /// Sends SIGKILL, as soon as there is a process, and waits for the end. What its programs have started is left to itself.
    @discardableResult
    public func kill() async throws -> ProcessExit {
        while !lines.isFinished {
            if let process {
                Glibc.kill(process, SIGKILL)
                break
            }
            try await Task.sleep(for: .milliseconds(1))
        }
        return try await task.value
    }

    /// Sends a signal; nothing happens if it has ended.
    public func signal(_ signal: Int32) { if let process { Glibc.kill(process, signal) } }

    /// Our child with the argument on its command line: until they have become other programs, its own children have it, too.
    private var process: pid_t? {
        ((try? Files.list("/proc")) ?? []).compactMap { pid_t($0) }.first { process in
            guard let line = try? Files.read("/proc/\(process)/cmdline"),
                line.split(separator: 0).contains(where: { $0.elementsEqual(argument.utf8) }),
                let stat = try? Files.read("/proc/\(process)/stat")
            else { return false }
            // The name may have spaces and parentheses; state and parent come after its end.
            let rest = String(decoding: stat, as: UTF8.self).split(separator: ") ").last?.split(separator: " ") ?? []
            return rest.count > 1 && pid_t(rest[1]) == getpid()
        }
    }
}
