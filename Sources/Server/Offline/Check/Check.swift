import Basics
import CloudEvents
import Curl
public import Logging
import Model
import RepoCache

/// Looks whether a service with this configuration could work: what `check` does.
public struct Check: Sendable {
    private let configuration: ServiceConfiguration
    private let names: [PlainName]
    private let scratch: ScratchDirectory
    private let parts: Parts

    /// - Parameter projects: whose repositories to look at; none means all that the configuration, Keptn's secrets and the cache
    ///   name.
    /// - Throws: ``ConfigurationError`` if no project is known or a name is none.
    public init(_ configuration: ServiceConfiguration, projects: [String], logger: Logger) throws {
        self.configuration = configuration
        names = try Self.names(projects, configuration)
        scratch = try ScratchDirectory()
        parts = try Parts(configuration.kept(in: scratch), logger: logger)
    }

    private static func names(_ projects: [String], _ configuration: ServiceConfiguration) throws -> [PlainName] {
        if configuration.isLocal { return [] }
        guard projects.isEmpty else {
            return try projects.map { text in
                guard let name = PlainName(text) else {
                    throw ConfigurationError("'\(text)' is no project name: it must not be empty or hold '/' or '..'")
                }
                return name
            }
        }
        let cached = (try? Files.list(configuration.cacheDirectory)) ?? []
        let names = Set((configuration.projects + configuration.secretProjects + cached).compactMap { PlainName($0) })
        guard !names.isEmpty else {
            throw ConfigurationError("no project is known yet, so none can be checked; name one with --project")
        }
        return names.sorted { $0.text < $1.text }
    }

    /// Writes what it finds to standard output.
    public func run(output: OutputFormat) async throws -> ExitStatus {
        defer { scratch.remove() }
        return try await Interruption.cancelling { await runToEnd(output: output) }
    }

    private func runToEnd(output: OutputFormat) async -> ExitStatus {
        async let receiver = askReceiver()
        var inspections: [RepositoryInspection] = []
        var warnings: [String: [String]] = [:]
        if let cache = parts.snapshots.cache {
            for name in names {
                inspections.append(await cache.inspect(name))
                warnings[name.text] = (try? await parts.catalog?.repository(of: name).warnings) ?? []
            }
        }
        let report = CheckReport(inspections: inspections, warnings: warnings, receiver: await receiver)
        switch output {
        case .json: Terminal.print(report.json.prettyText)
        case .text: for line in report.lines { Terminal.print(line) }
        }
        return report.isGood ? .pass : .fail
    }

    /// Whether somebody answers where events are posted. It is not an event, so any answer will do.
    private func askReceiver() async -> CheckReport.Receiver {
        guard case .http(let url) = configuration.delivery.target else { return .none }
        do {
            let answer = try await parts.client.send(HTTPRequest("OPTIONS", url), deadline: .after(.seconds(10)))
            return .answered(answer.status, answer.duration)
        } catch {
            return .failed(reason: "\(error)")
        }
    }
}
