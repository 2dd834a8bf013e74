import ArgumentParser
import Server

struct RunsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists runs, the newest first.",
        discussion: """
            Example: generic-executor-service runs list --project sockshop --result fail --since 24h
            """
    )

    @Option(help: "Only of this project.")
    var project: String?

    @Option(help: "Only of this stage.")
    var stage: String?

    @Option(help: "Only of this service.")
    var service: String?

    @Option(help: ArgumentHelp("Only for events of this type.", valueName: "type"))
    var type: String?

    @Option(help: "Only with this result: pass, fail or errored.")
    var result: String?

    @Option(
        help: "Only in this state: received, planned, started, running, finished, failed, errored, cancelled, 'nothing to run'."
    )
    var state: String?

    @Option(
        help: ArgumentHelp("Only received since then: 2026-11-24T06:00:00Z, or how long ago: 30m, 24h, 7d.", valueName: "time")
    )
    var since: String?

    @Option(help: ArgumentHelp("Only received before then.", valueName: "time"))
    var until: String?

    @Option(help: "How many at most, 1 to 500; 50 if it is left out.")
    var limit: String?

    @Option(help: ArgumentHelp("Goes on where a list ended that was longer.", valueName: "next"))
    var cursor: String?

    @Option(help: "text or json.")
    var output: OutputFormat = .text

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        let filters = [
            "project": project, "stage": stage, "service": service, "type": type, "result": result, "state": state,
            "since": since,
            "until": until, "limit": limit, "cursor": cursor,
        ]
        try await RunHistory(options.configuration()).list(filters, output: output)
    }
}
