import Basics
import Processes
import ServerTestSupport
import TestSupport

/// The built program, run to its end.
struct CommandLineResult {
    /// The exit status; nil if a signal ended it.
    let status: Int?
    let output: String
    let errors: String

    /// Runs the program with its cache and data in `directory`.
    static func run(
        _ arguments: String...,
        environment: [String: String] = [:],
        in directory: TemporaryDirectory
    ) async throws -> CommandLineResult {
        try await run(arguments, environment: environment, in: directory)
    }

    static func run(
        _ arguments: [String],
        environment: [String: String] = [:],
        in directory: TemporaryDirectory
    ) async throws -> CommandLineResult {
        let command = Command(
            ServiceProcess.executable,
            arguments,
            environment: ServiceProcess.environment(environment, in: directory),
            directory: directory.path
        )
        let result = try await command.collect(until: .after(.seconds(60)))
        return CommandLineResult(
            status: result.exit.code,
            output: result.standardOutput.text,
            errors: result.standardError.text
        )
    }
}
