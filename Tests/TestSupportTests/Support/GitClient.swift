import Basics
import Processes

/// The real `git` as a client, without any configuration of the machine.
enum GitClient {
    struct Answer: Sendable {
        var isSuccess: Bool
        var output: String
        var errors: String
    }

    static func run(_ arguments: String..., environment: [String: String] = [:]) async throws -> Answer {
        let clean = [
            "PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C", "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0",
        ]
        let command = Command("/usr/bin/git", arguments, environment: clean.merging(environment) { $1 })
        let result = try await command.collect(until: .after(.seconds(30)))
        return Answer(isSuccess: result.exit.isSuccess, output: result.standardOutput.text, errors: result.standardError.text)
    }
}
