import Git

/// What is known of a project's repository: which branch is at which commit. A value; a refresh makes a new one.
struct ProjectView: Sendable, Hashable {
    struct Tip: Sendable, Hashable {
        /// nil: there is no such branch.
        var commit: ObjectID?
        /// When the question began whose answer this is.
        var asked: WallTime
        var changed: WallTime
    }

    /// A commit that is held and known to be reachable from a branch.
    struct Proof: Sendable, Hashable {
        var commit: ObjectID
        var branch: String
    }

    /// The address that all of this is from, without credentials.
    let remote: String
    /// nil: the remote names none.
    var defaultBranch: String?
    var tips: [String: Tip] = [:]
    /// The newest last.
    private(set) var proofs: [Proof] = []

    init(remote: String, defaultBranch: String? = nil, tips: [String: Tip] = [:], proofs: [Proof] = []) {
        self.remote = remote
        self.defaultBranch = defaultBranch
        self.tips = tips
        self.proofs = proofs
    }

    static let maximumProofs = 512
    /// Names of stages come from senders: those without a branch must not pile up.
    static let maximumAbsent = 64

    /// The commits that branches are at.
    var commits: Set<ObjectID> { Set(tips.values.compactMap(\.commit)) }

    /// The branches that exist.
    var presentBranches: Set<String> { Set(tips.filter { $0.value.commit != nil }.keys) }

    func commit(of branch: String) -> ObjectID? { tips[branch]?.commit }

    func isProven(_ commit: ObjectID, on branch: String) -> Bool { proofs.contains(Proof(commit: commit, branch: branch)) }

    mutating func prove(_ commit: ObjectID, on branch: String) {
        let proof = Proof(commit: commit, branch: branch)
        guard proofs.last != proof else { return }
        proofs.removeAll { $0 == proof }
        proofs.append(proof)
        if proofs.count > Self.maximumProofs { proofs.removeFirst(proofs.count - Self.maximumProofs) }
    }

    /// Takes the answer to a question about a branch.
    mutating func set(_ branch: String, to commit: ObjectID?, asked: WallTime) {
        let changed = tips[branch].flatMap { $0.commit == commit ? $0.changed : nil } ?? asked
        tips[branch] = Tip(commit: commit, asked: asked, changed: changed)
        if let commit { prove(commit, on: branch) }
        guard tips.count > Self.maximumAbsent else { return }
        let absent = tips.filter { $0.value.commit == nil }.sorted { $0.value.asked < $1.value.asked }
        for (name, _) in absent.dropLast(Self.maximumAbsent) { tips[name] = nil }
    }

    /// When the oldest of the answers about these branches was asked; nil if one of them was never asked.
    func asked(_ branches: some Sequence<String>) -> WallTime? {
        var oldest: WallTime?
        for branch in branches {
            guard let tip = tips[branch] else { return nil }
            oldest = min(oldest ?? tip.asked, tip.asked)
        }
        return oldest
    }

    /// Equal but for the times of asking, and so for the order of the proofs.
    func saysTheSame(as other: ProjectView?) -> Bool {
        guard let other, (remote, defaultBranch) == (other.remote, other.defaultBranch) else { return false }
        guard (proofs.count, tips.count) == (other.proofs.count, other.tips.count) else { return false }
        return tips.allSatisfy { branch, tip in other.tips[branch].map { $0.commit == tip.commit } ?? false }
            && (proofs == other.proofs || Set(proofs) == Set(other.proofs))
    }
}
