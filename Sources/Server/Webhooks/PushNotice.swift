/// A forge tells that somebody pushed to a repository.
struct PushNotice: Sendable, Hashable {
    var forge: Forge
    /// The ways to the repository that the forge names, without repetition.
    var addresses: [RepositoryAddress]
    /// The references that were made, moved or removed, by their full names; empty where the forge names none.
    var references: [String]

    /// Whether a branch may have changed: a push of tags alone changes no script.
    var changesBranches: Bool { references.isEmpty || references.contains { !$0.hasPrefix("refs/tags/") } }
}
