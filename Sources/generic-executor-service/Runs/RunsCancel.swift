import ArgumentParser
import Server

struct RunsCancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Ends a run, whether it waits or runs; Keptn is told that it failed, if it waits for an answer.",
        discussion: """
            The service must run.

            Example: generic-executor-service runs cancel 019dbf2e-9b0c-7c3a-8f6e-2f1f1f0a9c11
            """
    )

    @Argument(help: "The run's id.")
    var id: String

    @Option(help: "text or json.")
    var output: OutputFormat = .text

    @OptionGroup var options: ConfigurationOptions

    func run() async throws { try await RunControl(options.configuration()).cancel(id, output: output) }
}
