import Basics
import Git
import Model

/// Brings a shallow clone of a remote repository up to date: one question, and one fetch for all that changed.
struct RemoteRefresh: Sendable {
    /// The clone that is worked on.
    let repository: String
    /// Where answers are kept until they are unpacked.
    let temporary: String
    let remote: GitRemote
    let address: String
    let settings: RepositorySettings
    let limits: PackLimits
    let pool: ThreadPool
    /// nil: commits need no signature.
    let verifier: SignatureVerifier?
    /// Told when the question is answered, whatever comes then.
    var onAnswer: @Sendable () -> Void = {}

    var folders: [String] { settings.folders.map(\.text) }

    /// Asks once.
    ///
    /// - Parameter old: what the clone holds; nil: there is none yet, and it is made.
    func run(from old: ProjectView?, wish: Wish) async throws -> RefreshResult {
        do {
            return try await attempt(from: old, wish: wish)
        } catch is TipVanished {
            do {
                return try await attempt(from: old, wish: wish)
            } catch let error as TipVanished {
                throw error.cause
            }
        }
    }

    /// Between the question and the fetch somebody pushed with force, and the server has cleaned up.
    private struct TipVanished: Error {
        let cause: GitError
    }

    private func attempt(from old: ProjectView?, wish: Wish) async throws -> RefreshResult {
        let asked = WallTime.now
        let question = LsRefs(prefixes: RemoteTips.prefixes(wish.branches, defaultBranch: settings.defaultBranch))
        let references = try await remote.references(question, deadline: .after(RefreshLimits.question))
        onAnswer()
        let tips = RemoteTips(references, branches: wish.branches, defaultBranch: settings.defaultBranch)

        var result = RefreshResult(view: old ?? ProjectView(remote: address), kind: .unchanged)
        result.view.defaultBranch = tips.defaultBranch
        let isNew = old == nil
        if isNew { try await pool.run(until: .after(RefreshLimits.disk)) { try Repository.create(bareAt: repository) } }
        let wants = Set(tips.commits.compactMap { branch, commit in commit == old?.commit(of: branch) ? nil : commit })
        // What a branch was at once may still be there.
        let known = Set((old?.proofs ?? []).map(\.commit)).intersection(wants)
        if verifier == nil {
            for (branch, commit) in tips.commits { result.view.set(branch, to: commit, asked: asked) }
            let publication = publication(of: result.view, tips, old, wish)
            let isPublished = try await obtain(wants, isNew: isNew, known: known, scopes: wish.scopes, then: publication)
            if !isPublished, let publication { try await publish(publication) }
        } else {
            // Nothing is published before it is known who signed what was fetched.
            _ = try await obtain(wants, isNew: isNew, known: wants, scopes: wish.scopes, then: nil)
            try await refuse(tips, asked: asked, in: &result)
            if let publication = publication(of: result.view, tips, old, wish) { try await publish(publication) }
        }
        if isNew { result.kind = .cloned } else if !result.view.saysTheSame(as: old) { result.kind = .fetched }
        return wish.pins.isEmpty ? result : try await prove(wish.pins, in: result)
    }

    /// What the clone's references have to say; nil: they say it already.
    private func publication(of view: ProjectView, _ tips: RemoteTips, _ old: ProjectView?, _ wish: Wish) -> Publication? {
        var changed: [String: ObjectID?] = [:]
        for branch in tips.commits.keys where view.commit(of: branch) != old?.commit(of: branch) {
            changed[branch] = .some(view.commit(of: branch))
        }
        guard old == nil || !changed.isEmpty || old?.defaultBranch != view.defaultBranch else { return nil }
        return Publication(view: view, changed: changed, folders: folders, scopes: wish.scopes, layout: settings.layout)
    }

    /// Takes the tips over into the view, but for those that nobody who is trusted has signed: their branches stay where they were.
    private func refuse(_ tips: RemoteTips, asked: WallTime, in result: inout RefreshResult) async throws {
        let refusals = try await verifier?.refusals(of: tips.commits.values.compactMap(\.self), in: repository) ?? [:]
        for (branch, commit) in tips.commits {
            if let refusal = commit.flatMap({ refusals[$0] }) {
                result.refusals[branch] = refusal
                // One that was good once may be so no longer.
                if result.view.commit(of: branch) == commit { result.view.tips[branch] = nil }
            } else {
                result.view.set(branch, to: commit, asked: asked)
            }
        }
    }

    /// Fetches what is not there. What was there once may still be: a branch that goes back, or a commit that was refused.
    ///
    /// - Returns: whether `publication` was run, too: where nothing is missing, it is part of the same job.
    private func obtain(
        _ commits: Set<ObjectID>,
        isNew: Bool,
        known: Set<ObjectID>,
        scopes: Set<Scope>,
        then publication: Publication?
    ) async throws -> Bool {
        guard !commits.isEmpty else { return false }
        do {
            return try await fetch(commits, isNew: isNew, known: known, scopes: scopes, then: publication)
        } catch let error as GitError where error.failureClass == .notFound {
            throw TipVanished(cause: error)
        }
    }

    /// Checks what was fetched, then lets the references say so: objects come first, so that whatever moment ends this, the
    /// repository is whole.
    private func publish(_ publication: Publication) async throws {
        try await completing {
            try await pool.run(until: .after(RefreshLimits.disk)) {
                try publication.run(in: try Repository(openingBare: repository))
            }
        }
    }
}

/// How long the parts of a refresh may take. They end the refresh, not the wait of a caller, who has a deadline of its own.
enum RefreshLimits {
    static let question = Duration.seconds(10)
    /// A question with all its repetitions; also how long an event waits for the answer to one.
    static let questions = Duration.seconds(15)
    static let fetch = Duration.seconds(60)
    static let clone = Duration.seconds(600)
    /// Reading and writing the local repository.
    static let disk = Duration.seconds(60)
}
