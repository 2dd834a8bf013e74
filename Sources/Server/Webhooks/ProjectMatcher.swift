import Model

/// Finds the projects whose repository a webhook is about.
struct ProjectMatcher: Sendable {
    private let known: [(project: PlainName, address: RepositoryAddress)]
    private let configured: Set<PlainName>
    private let template: ProjectTemplate?

    /// - Parameter known: the remotes of the projects that the cache holds.
    init(_ rules: WebhookRules, known: [PlainName: String]) {
        self.known = (Array(rules.configured) + Array(known)).compactMap { project, remote in
            RepositoryAddress(remote).map { (project, $0) }
        }
        configured = Set(rules.configured.keys)
        template = rules.template.flatMap { ProjectTemplate($0) }
    }

    /// The projects, sorted by name.
    ///
    /// `GIT_REMOTE` names a project only where no known one has the repository: what is not held yet is cloned ahead of its
    /// first event.
    func projects(at addresses: [RepositoryAddress]) -> [PlainName] {
        var found = Set(known.filter { entry in addresses.contains { $0.isSame(as: entry.address) } }.map(\.project))
        if found.isEmpty, let template {
            // A project with a section of its own has been compared by the remote that counts for it.
            found = Set(addresses.compactMap(template.project(at:))).subtracting(configured)
        }
        return found.sorted { $0.text < $1.text }
    }
}
