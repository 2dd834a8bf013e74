import Git
import Model

/// Which commits count for a request.
struct SnapshotAnswer: Sendable {
    var view: ProjectView
    /// The commit of the pinned levels.
    var pin: ObjectID?
    var staleness: Snapshot.Staleness?
}

/// One caller's request, and what can be decided about it without asking anybody.
struct SnapshotRequest: Sendable {
    let scope: Scope
    /// The commit that the event names, as it stands there.
    let commit: String?
    let settings: RepositorySettings
    /// The repository's address.
    let remote: String

    private var stage: String? { scope.stage?.text }
    private var pin: Wish.Pin? {
        commit.flatMap { ObjectID(hex: $0) }.map { Wish.Pin(commit: $0, stage: stage) }
    }

    /// Whether the stage may be a branch.
    private var asksStage: Bool { settings.layout != .directories }

    /// The branches that the answer depends on; nil if the default one is not known yet.
    private func branches(in view: ProjectView) -> Set<String>? {
        guard let branch = view.defaultBranch else { return nil }
        guard let stage, asksStage else { return [branch] }
        return [branch, stage]
    }

    var wish: Wish {
        var wish = Wish(scopes: [scope])
        if let stage, asksStage { wish.branches.insert(stage) }
        if let pin { wish.pins.insert(pin) }
        return wish
    }

    /// Whether it is worth looking if what is held answers the request.
    func mayUse(_ held: ProjectView) -> Bool { isFresh(held) || pin != nil }

    private func isFresh(_ held: ProjectView) -> Bool {
        guard let branches = branches(in: held), let asked = held.asked(branches) else { return false }
        return asked.isWithin(settings.refreshMaxAge)
    }

    /// The answer, if it can be given without a question: what is held is fresh enough, or all levels are of a commit that is
    /// held and proven.
    func answer(from held: ProjectView, in repository: borrowing Repository) throws(GitError) -> SnapshotAnswer? {
        guard let pin else { return commit == nil && isFresh(held) ? SnapshotAnswer(view: held) : nil }
        guard let (branch, _) = try held.home(of: pin, settings.layout, in: repository) else { return nil }
        guard held.isProven(pin.commit, on: branch), repository.hasTree(of: pin.commit) else { return nil }
        // In the layout of branches the project's level has a commit of its own.
        let isWhole = branch == held.defaultBranch && branch != pin.stage
        return isWhole || isFresh(held) ? SnapshotAnswer(view: held, pin: pin.commit) : nil
    }

    /// The answer after a refresh.
    func answer(from result: RefreshResult) throws -> SnapshotAnswer {
        var answer = try pinned(result)
        let names = branches(in: result.view) ?? stage.map { [$0] } ?? []
        // A pinned commit stands for its stage, whatever became of that branch.
        let refusal = names.sorted().lazy.compactMap { name in
            answer.pin != nil && name == stage ? nil : result.refusals[name]
        }.first
        guard let refusal else { return answer }
        guard mayServe(result.view) else { throw refusal }
        answer.staleness = staleness(RepoCacheError(refusal), of: result.view)
        return answer
    }

    /// The answer as far as the event names a commit.
    private func pinned(_ result: RefreshResult) throws -> SnapshotAnswer {
        guard let commit else { return SnapshotAnswer(view: result.view) }
        let failure: GitError
        switch pin.map({ result.pins[$0] }) {
        case .some(.some(.proven)): return SnapshotAnswer(view: result.view, pin: pin?.commit)
        case .some(.some(.failed(let reason))): failure = reason
        case .some(.none): return SnapshotAnswer(view: result.view)
        case .none: failure = GitError(.notFound, "use the event's commit", "'\(commit.prefix(64))' is no full commit id")
        }
        guard settings.onFailure == .cached else { throw failure }
        return SnapshotAnswer(view: result.view, staleness: staleness(RepoCacheError(failure), of: result.view))
    }

    /// Whether what is held may be served although it could not be refreshed.
    func mayServe(_ held: ProjectView) -> Bool { settings.onFailure == .cached && isKnown(in: held) }

    /// Whether all branches that the answer depends on were asked for at some time. A stage that was not could have scripts that
    /// go before those of the project.
    func isKnown(in held: ProjectView) -> Bool { branches(in: held).map { held.asked($0) != nil } ?? false }

    /// The answer when the refresh failed: the last good commits. A pin counts as far as it is proven already.
    func answer(
        from held: ProjectView,
        after error: RepoCacheError,
        in repository: borrowing Repository
    ) throws(GitError) -> SnapshotAnswer {
        var answer = SnapshotAnswer(view: held, staleness: staleness(error, of: held))
        if let pin, let (branch, _) = try held.home(of: pin, settings.layout, in: repository),
            held.isProven(pin.commit, on: branch), repository.hasTree(of: pin.commit)
        {
            answer.pin = pin.commit
        }
        return answer
    }

    private func staleness(_ error: RepoCacheError, of view: ProjectView) -> Snapshot.Staleness {
        let asked = branches(in: view).flatMap { view.asked($0) }
        return Snapshot.Staleness(failureClass: error.failureClass, reason: error.description, age: asked?.age ?? .zero)
    }

    /// What the plan for an answer depends on.
    func planKey(_ answer: SnapshotAnswer) -> PlanMemory.Key {
        PlanMemory.Key(
            scope: scope,
            layout: settings.layout,
            remote: remote,
            pin: answer.pin,
            defaultBranch: answer.view.defaultBranch,
            commits: [answer.view.defaultBranch, stage].map { $0.flatMap { answer.view.commit(of: $0) } }
        )
    }

    /// Where the levels are.
    func plan(_ answer: SnapshotAnswer, in repository: borrowing Repository) throws(GitError) -> SnapshotPlan {
        let layout = try answer.view.layout(settings.layout, stage: stage, in: repository)
        return SnapshotPlan(scope, layout: layout, view: answer.view, pin: answer.pin)
    }
}
