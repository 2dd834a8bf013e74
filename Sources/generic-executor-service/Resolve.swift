import ArgumentParser
import Logging
import Server

struct Resolve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows which files would run, in order, and why.",
        discussion: """
            Exit status: 0, 3 if no file would run, 2 usage or configuration, 4 infrastructure error.

            Example: generic-executor-service resolve --project sockshop --stage dev --service carts \
            --type sh.keptn.event.test.triggered --repo /mirror/sockshop.git
            """
    )

    @Option(help: "The project.")
    var project: String

    @Option(help: "The stage.")
    var stage: String?

    @Option(help: "The service.")
    var service: String?

    @Option(help: ArgumentHelp("The event type, for example sh.keptn.event.test.triggered.", valueName: "type"))
    var type: String

    @Option(help: "The action of an action.triggered event.")
    var action: String?

    @Option(help: ArgumentHelp("The project's repository; without it GIT_REMOTE says.", valueName: "url or path"))
    var repo: String?

    @Option(help: "text or json.")
    var output: OutputFormat = .text

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        let configuration = try options.configuration(repository: repo)
        let question = Resolution.Question(project: project, stage: stage, service: service, type: type, action: action)
        let status: ExitStatus
        do {
            let resolution = try Resolution(configuration, logger: options.logger(configuration, level: .error))
            status = try await resolution.answer(question, output: output)
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw CommandError(.infrastructure, "\(error)")
        }
        throw ExitCode(status.rawValue)
    }
}
