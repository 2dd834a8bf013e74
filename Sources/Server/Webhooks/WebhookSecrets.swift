import Model

/// The secrets that webhooks are signed with.
struct WebhookSecrets: Sendable, Hashable {
    /// For every project that has none of its own.
    var common: String?
    var ofProjects: [PlainName: String] = [:]

    var isEmpty: Bool { common == nil && ofProjects.isEmpty }

    var all: Set<String> { Set(ofProjects.values).union(common.map { [$0] } ?? []) }

    /// The secret that a webhook must know to refresh this project.
    func secret(of project: PlainName) -> String? { ofProjects[project] ?? common }
}
