import Model

/// The limits of runs as they are configured: for all projects, and for those that have their own.
struct ProjectRunLimits: Sendable {
    var common: RunLimits
    var projects: [String: RunLimits]

    func limits(of scope: Scope) -> RunLimits { scope.project.flatMap { projects[$0.text] } ?? common }
}

extension ServiceConfiguration {
    static func runLimits(of sources: SettingsReader, projects: [String]) throws(ConfigurationError) -> ProjectRunLimits {
        func limits(_ sources: SettingsReader) throws(ConfigurationError) -> RunLimits {
            RunLimits(
                perProject: sources.isOwn(Settings.scriptConcurrency) ? try sources.required(Settings.scriptConcurrency) : nil,
                perService: try sources.required(Settings.scriptConcurrencyPerService),
                timeout: sources.isOwn(Settings.scriptTimeout) ? try sources.required(Settings.scriptTimeout) : nil
            )
        }
        var own: [String: RunLimits] = [:]
        for project in projects { own[project] = try limits(sources.scoped(to: project)) }
        return ProjectRunLimits(common: try limits(sources), projects: own)
    }
}
