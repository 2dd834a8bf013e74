public import ArgumentParser
import Basics
import FoundationEssentials
import Logging
public import Server

/// The options of every command that needs the configuration.
struct ConfigurationOptions: ParsableArguments {
    @Option(help: ArgumentHelp("YAML file with settings; GES_CONFIG names it too.", valueName: "file"))
    var config: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("A setting, over environment and file. Can be repeated.", valueName: "key=value")
    )
    var overrides: [String] = []

    func configuration(repository: String? = nil) throws -> ServiceConfiguration {
        let remote = repository.map { ["GIT_REMOTE=\(Self.absolute($0))"] } ?? []
        return try ServiceConfiguration(
            overrides: overrides + remote,
            file: config,
            environment: ProcessInfo.processInfo.environment
        )
    }

    /// The log of the service; `run` and `resolve` write only what went wrong.
    func logger(_ configuration: ServiceConfiguration, level: Logger.Level) -> Logger {
        let secrets = configuration.secrets
        let format = configuration.log.format
        return Logger(label: "generic-executor-service") { label in
            LineLogHandler(
                label: label,
                format: format,
                level: configuration.log.isVerbose ? .debug : level,
                redact: secrets.redact
            )
        }
    }

    /// A path relative to the working directory means what the shell means by it.
    private static func absolute(_ repository: String) -> String {
        let isRelative = !repository.hasPrefix("/") && !repository.contains(":")
        return isRelative ? Files.workingDirectory + "/" + repository : repository
    }
}

extension OutputFormat: ExpressibleByArgument {}
