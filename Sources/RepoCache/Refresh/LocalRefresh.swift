import Basics
import Git

/// Looks at a bare repository on this machine. It is opened anew each time and nothing is copied: a kept handle would hold packs
/// that others have replaced.
struct LocalRefresh: Sendable {
    private let repository: String
    private let remote: String
    private let settings: RepositorySettings
    private let pool: ThreadPool
    private let verifier: SignatureVerifier?

    init(_ url: RemoteURL, settings: RepositorySettings, pool: ThreadPool, verifier: SignatureVerifier?) {
        repository = url.localRepository ?? ""
        remote = url.description
        self.settings = settings
        self.pool = pool
        self.verifier = verifier
    }

    func run(from old: ProjectView?, wish: Wish) async throws -> RefreshResult {
        let result = try await pool.run(until: .after(RefreshLimits.disk)) {
            try Repository.reading(repository) { try look(at: $0, from: old, wish: wish) }
        }
        return try await refusing(result, old)
    }

    /// Leaves out commits that nobody who is trusted has signed: their branches stay where they were.
    private func refusing(_ result: RefreshResult, _ old: ProjectView?) async throws -> RefreshResult {
        guard let verifier else { return result }
        var result = result
        let refusals = try await verifier.refusals(of: result.view.commits, in: repository)
        for (branch, tip) in result.view.tips {
            guard let commit = tip.commit, let refusal = refusals[commit] else { continue }
            result.refusals[branch] = refusal
            let last = old?.tips[branch]
            result.view.tips[branch] = last?.commit == commit ? nil : last
        }
        for pin in result.pins.keys where result.pins[pin] == .proven {
            let refusal = try await verifier.refusals(of: [pin.commit], in: repository)[pin.commit]
            if let refusal { result.pins[pin] = .failed(refusal) }
        }
        return result
    }

    private func look(at repository: borrowing Repository, from old: ProjectView?, wish: Wish) throws -> RefreshResult {
        let asked = WallTime.now
        var view = old ?? ProjectView(remote: remote)
        view.defaultBranch = try settings.defaultBranch ?? defaultBranch(of: repository)
        for branch in wish.branches.union(view.defaultBranch.map { [$0] } ?? []) {
            view.set(branch, to: try repository.branch(branch), asked: asked)
        }
        var result = RefreshResult(view: view, kind: view.saysTheSame(as: old) ? .unchanged : .fetched)
        for pin in wish.pins {
            guard let (branch, tip) = try result.view.home(of: pin, settings.layout, in: repository) else { continue }
            if try repository.isAncestor(pin.commit, of: tip) {
                result.view.prove(pin.commit, on: branch)
                result.pins[pin] = .proven
            } else {
                let limit = settings.historyLimit
                result.pins[pin] = .failed(.unreachable(pin.commit, from: branch, of: remote, limit: limit))
            }
        }
        return result
    }

    private func defaultBranch(of repository: borrowing Repository) throws(GitError) -> String? {
        try repository.headTarget().flatMap { $0.hasPrefix("refs/heads/") ? String($0.dropFirst("refs/heads/".count)) : nil }
    }
}

extension ProjectView {
    /// Where the project keeps a stage.
    func layout(
        _ setting: RepositorySettings.Layout,
        stage: String?,
        in repository: borrowing Repository
    ) throws(GitError) -> StageLayout {
        let tip = defaultBranch.flatMap { commit(of: $0) }
        return try StageLayout.find(
            setting,
            tree: try tip.map { (tip) throws(GitError) in try repository.commit(tip).tree },
            stage: stage,
            hasBranch: stage.map { commit(of: $0) != nil } ?? false,
            in: repository
        )
    }

    /// The branch that a pinned commit must belong to, and where that is; nil if there is no such branch, so that the levels of
    /// the commit do not exist.
    func home(
        of pin: Wish.Pin,
        _ setting: RepositorySettings.Layout,
        in repository: borrowing Repository
    ) throws(GitError) -> (branch: String, tip: ObjectID)? {
        let branch =
            switch try layout(setting, stage: pin.stage, in: repository) {
            case .branches: pin.stage
            case .directories: defaultBranch
            }
        guard let branch, let tip = commit(of: branch) else { return nil }
        return (branch, tip)
    }
}
