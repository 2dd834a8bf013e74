import Git

/// What a repository says of the branches that were asked for.
struct RemoteTips: Sendable, Hashable {
    var defaultBranch: String?
    /// A commit or nil for each branch that was asked for, the default one included.
    var commits: [String: ObjectID?]

    private static let heads = "refs/heads/"

    /// The beginnings of reference names that one question needs.
    static func prefixes(_ branches: some Sequence<String>, defaultBranch: String?) -> [String] {
        ["HEAD"] + Set(branches).union(defaultBranch.map { [$0] } ?? []).sorted().map { heads + $0 }
    }

    /// - Parameter defaultBranch: in place of the branch that HEAD names.
    init(_ references: [RemoteReference], branches: some Sequence<String>, defaultBranch override: String?) {
        var known: [String: ObjectID] = [:]
        for reference in references where known[reference.name] == nil { known[reference.name] = reference.id }
        let head = references.first { $0.name == "HEAD" }
        let learned = head?.target.flatMap { $0.hasPrefix(Self.heads) ? String($0.dropFirst(Self.heads.count)) : nil }
        defaultBranch = override ?? learned
        commits = [:]
        for branch in branches { commits[branch] = .some(known[Self.heads + branch]) }
        guard let defaultBranch else { return }
        // HEAD's own line has the commit of the branch that it stands for: the branch itself need not be listed.
        let commit = known[Self.heads + defaultBranch] ?? (defaultBranch == learned ? head?.id : nil)
        commits[defaultBranch] = .some(commit)
    }
}
