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

        var view = old ?? ProjectView(remote: address)
        view.defaultBranch = tips.defaultBranch
        for (branch, commit) in tips.commits { view.set(branch, to: commit, asked: asked) }
        let changed = tips.commits.filter { branch, commit in
            commit.map { $0 != old?.commit(of: branch) } ?? (old?.commit(of: branch) != nil)
        }
        let isChanged = old == nil || !changed.isEmpty || old?.defaultBranch != view.defaultBranch
        if isChanged { try await update(to: view, changed: changed, isNew: old == nil, scopes: wish.scopes) }
        let kind: RefreshRecord.Kind = old == nil ? .cloned : isChanged ? .fetched : .unchanged
        guard !wish.pins.isEmpty else { return RefreshResult(view: view, kind: kind) }
        return try await prove(wish.pins, in: RefreshResult(view: view, kind: kind))
    }

    /// Fetches what changed and publishes it: objects first, then references, so that whatever moment ends this, the
    /// repository is whole.
    private func update(to view: ProjectView, changed: [String: ObjectID?], isNew: Bool, scopes: Set<Scope>) async throws {
        let wants = Set(changed.values.compactMap(\.self)).sorted()
        if isNew {
            try await pool.run(until: .after(RefreshLimits.disk)) { try Repository.create(bareAt: repository) }
        }
        if !wants.isEmpty {
            do {
                try await fetch(wants, isNew: isNew)
            } catch let error as GitError where error.failureClass == .notFound {
                throw TipVanished(cause: error)
            }
        }
        try await pool.run(until: .after(RefreshLimits.disk)) {
            let publication = Publication(view: view, changed: changed, folders: folders)
            try publication.verify(scopes, settings.layout, in: repository)
            try publication.write(to: repository)
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
