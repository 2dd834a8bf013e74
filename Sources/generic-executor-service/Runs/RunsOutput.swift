import ArgumentParser
import Server

struct RunsOutput: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "output",
        abstract: "Shows what the files of a run have printed.",
        discussion: """
            Without --follow that of a run that is over.

            Example: generic-executor-service runs output --follow 019dbf2e-9b0c-7c3a-8f6e-2f1f1f0a9c11
            """
    )

    @Argument(help: "The run's id.")
    var id: String

    @Flag(help: "Wait for what comes until the run is over; the service must run.")
    var follow = false

    @Option(help: "text or json; json with --follow is a line for each piece.")
    var output: OutputFormat = .text

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        let configuration = try options.configuration()
        if follow {
            try await RunControl(configuration).follow(id, output: output)
        } else {
            try await RunHistory(configuration).output(of: id, output: output)
        }
    }
}
