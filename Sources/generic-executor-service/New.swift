import ArgumentParser
import Server

struct New: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes a sample genericexecutor folder with a working file of each kind.",
        discussion: "Example: generic-executor-service new ./sockshop"
    )

    @Argument(help: ArgumentHelp("Where the folder goes; it is made if it does not exist.", valueName: "dir"))
    var directory: String

    func run() throws {
        do {
            for path in try Samples.write(to: directory) { print(path) }
        } catch {
            throw CommandError(.usage, "\(error)")
        }
    }
}
