import ArgumentParser
import Glibc
import Processes
import Server

@main
struct GenericExecutor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generic-executor-service",
        abstract: "Runs the .sh, .py and .http files of a project's Git repository when CloudEvents arrive, and answers Keptn.",
        discussion: """
            Example: GIT_REMOTE=https://git.example/keptn/{project}.git generic-executor-service serve
            """,
        version: Version.text,
        subcommands: [Serve.self, Run.self, Resolve.self, Check.self, New.self, Runs.self, Backup.self],
        defaultSubcommand: Serve.self
    )

    /// Errors are one sentence on standard error; a wrong command line ends with 2, as `docs` and scripts expect.
    static func main() async {
        CurrentProcess.hide()
        CurrentProcess.adoptOrphans()
        // A reader that goes away must not end the service.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            LogWriter.standardError.flush(atMost: logPatience)
        } catch {
            LogWriter.standardError.flush(atMost: logPatience)
            fail(error)
        }
    }

    /// How long the end of the program waits for who reads its log.
    private static let logPatience = Duration.seconds(1)

    private static func fail(_ error: any Error) -> Never {
        switch error {
        case let status as ExitCode: Glibc.exit(status.rawValue)
        case let error as ConfigurationError:
            CommandError.write("\(error)")
            Glibc.exit(ExitStatus.usage.rawValue)
        case let error as NoSuchRun:
            CommandError.write("\(error)")
            Glibc.exit(ExitStatus.nothingToRun.rawValue)
        case let error as CommandError:
            CommandError.write(error.description)
            Glibc.exit(error.status.rawValue)
        default:
            // Help and version are errors to the parser too, and end with 0.
            let isUsage = exitCode(for: error) == .validationFailure
            if exitCode(for: error) == .success { exit(withError: error) }
            CommandError.write(isUsage ? fullMessage(for: error) : "\(error)")
            Glibc.exit(isUsage ? ExitStatus.usage.rawValue : ExitStatus.fail.rawValue)
        }
    }
}
