import ArgumentParser

struct Runs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows what was run, and runs it again or ends it.",
        discussion: """
            list, show and output read the history in DATA_DIRECTORY, whether the service runs or not; rerun, cancel and
            output --follow ask the service at ADMIN_HOST and ADMIN_PORT.

            Exit status: 0, 1 it failed, 2 usage or configuration, 3 there is no such run.

            Example: generic-executor-service runs list --result fail --since 24h
            """,
        subcommands: [RunsList.self, RunsShow.self, RunsOutput.self, RunsRerun.self, RunsCancel.self],
        defaultSubcommand: RunsList.self
    )
}
