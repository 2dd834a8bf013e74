import Basics
import CloudEvents
import Measuring
import Processes

/// A server that runs as long as this value, with its log in a file: reading it here would cost time that is measured.
public final class ServerProcess: Sendable {
    private let task: Task<ProcessExit, any Error>
    private let program: String
    private let directory: String

    /// - Parameters:
    ///   - directory: takes the log, and the number of the process.
    ///   - environment: all that it sees.
    public init(_ program: String, _ arguments: [String], environment: [String: String], in directory: String) {
        self.program = program
        self.directory = directory
        let script = #"directory=$1; shift; echo $$ > "$directory/pid"; exec "$@" > "$directory/log" 2>&1"#
        let command = Command(
            "/bin/sh",
            ["-c", script, "sh", directory, program] + arguments,
            environment: environment,
            directory: directory
        )
        task = Task { try await command.run(until: .after(.seconds(3_600)), grace: .seconds(30)) { _ in } }
    }

    deinit { task.cancel() }

    public var log: String { (try? Files.read(directory + "/log")).map { String(decoding: $0, as: UTF8.self) } ?? "" }

    /// Known once the server is ready.
    public func process() throws -> Int {
        let text = String(decoding: try Files.read(directory + "/pid"), as: UTF8.self)
        guard let process = text.split(separator: "\n").first.flatMap({ Int($0) }) else {
            throw BenchmarkError("\(directory)/pid holds no number")
        }
        return process
    }

    /// Waits until `find` finds what tells that the server is ready.
    public func ready<T>(within limit: Duration = .seconds(30), _ find: () -> T?) async throws -> T {
        let deadline = Deadline.after(limit)
        while true {
            if let found = find() { return found }
            if let process = try? process(), !Files.exists("/proc/\(process)") {
                throw BenchmarkError("\(program) ended: \(log)")
            }
            guard !deadline.hasPassed else { throw BenchmarkError("\(program) did not get ready within \(limit): \(log)") }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// The port in the service's first line of that message; nil before it is there.
    public func port(after message: String) -> Int? {
        let entries = log.utf8.split(separator: 0x0A).compactMap { try? JSON(parsing: $0) }
        let entry = entries.first { $0["message"]?.string == message }
        return entry?["port"]?.scalarText.flatMap { Int($0) }
    }

    /// Sends SIGTERM and waits for the end.
    public func stop() async {
        task.cancel()
        _ = await task.result
    }
}
