import ArgumentParser
import Server

struct RunsShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows one run: its event, commits, files, what came of them and what Keptn was told.",
        discussion: """
            Example: generic-executor-service runs show 019dbf2e-9b0c-7c3a-8f6e-2f1f1f0a9c11
            """
    )

    @Argument(help: "The run's id.")
    var id: String

    @Option(help: "text or json.")
    var output: OutputFormat = .text

    @OptionGroup var options: ConfigurationOptions

    func run() async throws { try await RunHistory(options.configuration()).show(id, output: output) }
}
