import ArgumentParser
import Server

struct RunsRerun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rerun",
        abstract: "Runs the event of a run once more, and writes the id of the new run.",
        discussion: """
            Keptn hears nothing of it, unless --answer is given. The service must run.

            Example: generic-executor-service runs rerun --commit same 019dbf2e-9b0c-7c3a-8f6e-2f1f1f0a9c11
            """
    )

    enum Commit: String, ExpressibleByArgument {
        case current
        case same
    }

    @Argument(help: "The run's id.")
    var id: String

    @Option(help: "current: the files as they are now; same: service and stage level as they were.")
    var commit = Commit.current

    @Flag(help: "Answer Keptn, and send the follow-ups of the files.")
    var answer = false

    @Option(help: "text or json.")
    var output: OutputFormat = .text

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        let control = RunControl(try options.configuration())
        try await control.rerun(id, sameCommit: commit == .same, isAnswered: answer, output: output)
    }
}
