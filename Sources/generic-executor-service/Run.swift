import ArgumentParser
import Logging
import Server

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs one event offline: shows the plan, the output, the outcome and the events that would be sent.",
        discussion: """
            Exit status: 0 pass, 1 fail, 2 usage or configuration, 3 nothing to run, 4 infrastructure error.

            Example: generic-executor-service run --event event.json --repo /mirror/sockshop.git
            """
    )

    @Option(help: ArgumentHelp("A file with the event as JSON, - for standard input.", valueName: "file"))
    var event: String

    @Option(help: ArgumentHelp("The project's repository; without it GIT_REMOTE says.", valueName: "url or path"))
    var repo: String?

    @Option(help: ArgumentHelp("Take service and stage level from this commit.", valueName: "sha"))
    var commit: String?

    @Flag(help: "Send the events, not only show them.")
    var send = false

    @Option(help: "text or json.")
    var output: OutputFormat = .text

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        if let commit, ![40, 64].contains(commit.utf8.count) || !commit.allSatisfy({ $0.isASCII && $0.isHexDigit }) {
            throw CommandError(
                .usage,
                "--commit takes a full commit id, and '\(commit.prefix(64))' is none; `git rev-parse` tells it"
            )
        }
        let event = try EventFile.read(event)
        let configuration = try options.configuration(repository: repo)
        let logger = options.logger(configuration, level: .error)
        let offline: OfflineRun
        do {
            offline = try OfflineRun(configuration, commit: commit, sends: send, logger: logger)
        } catch {
            throw CommandError(.infrastructure, "the event cannot be run: \(error)")
        }
        throw ExitCode(try await offline.run(event, output: output).rawValue)
    }
}
