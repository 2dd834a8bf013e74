import ArgumentParser
import Logging
import Server

struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Looks whether the configuration works: repositories, credentials, branches, folders, receiver.",
        discussion: """
            Each step says how long it took, or why it failed and what to do. Nothing is run, sent or changed.

            Exit status: 0 all is good, 1 something is not, 2 usage or configuration.

            Example: generic-executor-service check --project sockshop --set GIT_REMOTE=/mirror/{project}.git
            """
    )

    @Option(
        name: .customLong("project"),
        help: ArgumentHelp("A project to look at; can be repeated. Without it all that are known.", valueName: "name")
    )
    var projects: [String] = []

    @Option(help: "text or json.")
    var output: OutputFormat = .text

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        let configuration = try options.configuration()
        let logger = options.logger(configuration, level: .error)
        let status: ExitStatus
        do {
            status = try await Server.Check(configuration, projects: projects, logger: logger).run(output: output)
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw CommandError(.fail, "the check cannot be made: \(error)")
        }
        throw ExitCode(status.rawValue)
    }
}
