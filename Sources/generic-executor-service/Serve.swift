import ArgumentParser
import Logging
import Server

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Takes events over HTTP, runs their scripts and answers (the default).",
        discussion: """
            Settings come from --set, the environment, the YAML file and defaults, in this order; docs/configuration.md lists them.

            Example: generic-executor-service serve --set GIT_REMOTE=/mirror/{project}.git --set EVENTBROKER=none
            """
    )

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        let configuration = try options.configuration()
        let service: GenericExecutorService
        do {
            service = try GenericExecutorService(configuration, logger: options.logger(configuration, level: .info))
        } catch {
            throw CommandError(.fail, "the service cannot start: \(error)")
        }
        do { try await service.run() } catch { throw CommandError(.fail, "the service failed: \(error)") }
    }
}
