import ArgumentParser
import CloudEvents
import Server

struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copies the database of events, runs and answers into a file, while the service may run.",
        discussion: """
            The copy is as of one moment, and checked. To go back to it: stop the service, put it into DATA_DIRECTORY as
            store.sqlite, and remove store.sqlite-wal and store.sqlite-shm there. The outputs of runs are files beside it, and
            not in the copy.

            Exit status: 0, 1 it failed, 2 usage or configuration.

            Example: generic-executor-service backup /backup/generic-executor-service.sqlite
            """
    )

    @Argument(help: "Where the copy goes; the file must not exist.")
    var file: String

    @Option(help: "text or json.")
    var output: OutputFormat = .text

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        try await RunHistory(options.configuration()).backUp(to: file)
        if output == .json { print(JSON.object(["file": .string(file)]).text) }
    }
}
