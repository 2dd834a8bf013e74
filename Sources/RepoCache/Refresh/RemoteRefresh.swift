import Basics
import Git
import Model

/// Brings the shallow clone of a remote repository up to date: one question, and one fetch for all that changed.
struct RemoteRefresh: Sendable {
    let directory: ProjectDirectory
    let remote: GitRemote
    let address: String
    let settings: RepositorySettings
    let folders: [String]
    let pool: ThreadPool

    /// - Parameter old: what is held; nil makes a new clone in place of the old one.
    func run(from old: ProjectView?, wish: Wish) async throws -> RefreshResult {
        var (old, hasAskedAgain) = (old, false)
        while true {
            do {
                return try await attempt(from: old, wish: wish)
            } catch let error as GitError where error.failureClass == .corrupt && old != nil {
                // What is held is damaged. Only this leads to a new clone: no failure of the network ever does.
                old = nil
            } catch let error as TipVanished {
                guard !hasAskedAgain else { throw error.cause }
                hasAskedAgain = true
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
        let tips = RemoteTips(references, branches: wish.branches, defaultBranch: settings.defaultBranch)

        var view = old ?? ProjectView(remote: address)
        view.defaultBranch = tips.defaultBranch
        for (branch, commit) in tips.commits { view.set(branch, to: commit, asked: asked) }
        let changed = tips.commits.filter { branch, commit in
            commit.map { $0 != old?.commit(of: branch) } ?? (old?.commit(of: branch) != nil)
        }
        if old == nil || !changed.isEmpty || old?.defaultBranch != view.defaultBranch {
            try await update(to: view, changed: changed, isNew: old == nil, scopes: wish.scopes)
        }
        guard !wish.pins.isEmpty else { return RefreshResult(view: view) }
        return try await prove(wish.pins, in: view)
    }

    /// Fetches what changed and publishes it: objects first, then references, so that whatever moment ends this, the
    /// repository is whole.
    private func update(to view: ProjectView, changed: [String: ObjectID?], isNew: Bool, scopes: Set<Scope>) async throws {
        let target = isNew ? try directory.newTemporary("clone") : directory.repository
        if isNew {
            try await pool.run(until: .after(RefreshLimits.disk)) { try Repository.create(bareAt: target) }
        }
        do {
            let wants = Set(changed.values.compactMap(\.self)).sorted()
            if !wants.isEmpty {
                let spool: PackSpool
                do {
                    spool = try await fetch(wants, isNew: isNew)
                } catch let error as GitError where error.failureClass == .notFound {
                    throw TipVanished(cause: error)
                }
                try await pool.run(until: .after(isNew ? RefreshLimits.clone : RefreshLimits.fetch)) {
                    try spool.unpack(into: try Repository(openingBare: target))
                }
            }
            try await pool.run(until: .after(RefreshLimits.disk)) {
                let publication = Publication(view: view, changed: changed, folders: folders)
                try publication.verify(scopes, settings.layout, in: target)
                try publication.write(to: target)
                guard isNew else { return }
                try directory.discard(directory.repository)
                try directory.publish(target, at: directory.repository)
            }
        } catch {
            // What is left if this fails, too, the next start sweeps.
            if isNew { try? await pool.run(until: .after(RefreshLimits.disk)) { Files.removeTree(target) } }
            throw error
        }
    }

    /// - Parameter isNew: nothing is held yet.
    func fetch(_ wants: [ObjectID], isNew: Bool) async throws -> PackSpool {
        let held = isNew ? (haves: [], shallow: []) : try await held()
        return try await remote.fetch(
            FetchRequest(wants: wants, haves: held.haves, shallow: held.shallow),
            spoolingIn: directory.temporary,
            deadline: .after(isNew ? RefreshLimits.clone : RefreshLimits.fetch)
        )
    }

    /// The commits that the clone's references are at, and those of them that have parents, which are not held.
    private func held() async throws -> (haves: [ObjectID], shallow: [ObjectID]) {
        try await pool.run(until: .after(RefreshLimits.disk)) {
            try Files.createDirectory(directory.temporary)
            let repository = try Repository(openingBare: directory.repository)
            let tips = try repository.tips()
            return (tips, try tips.filter { (tip) in try !repository.commit(tip).parents.isEmpty })
        }
    }
}
