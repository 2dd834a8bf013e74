import Basics
import Git

extension RemoteRefresh {
    /// Proves that each pinned commit belongs to its branch, and fetches it where it is not held.
    func prove(_ pins: Set<Wish.Pin>, in view: ProjectView) async throws -> RefreshResult {
        var result = RefreshResult(view: view)
        for pin in pins {
            let (home, isHeld) = try await pool.run(until: .after(RefreshLimits.disk)) {
                let repository = try Repository(openingBare: directory.repository)
                return (try view.home(of: pin, settings.layout, in: repository), repository.holds(pin.commit))
            }
            guard let (branch, tip) = home else { continue }
            do {
                if !result.view.isProven(pin.commit, on: branch) {
                    let isReachable = try await remote.canReach(
                        pin.commit,
                        from: tip,
                        depth: RefreshLimits.history,
                        deadline: .after(RefreshLimits.fetch)
                    )
                    guard isReachable else { throw GitError.unreachable(pin.commit, from: branch, of: address) }
                }
                if !isHeld { try await fetch(pin.commit) }
                result.view.prove(pin.commit, on: branch)
                result.pins[pin] = .proven
            } catch let error as GitError {
                result.pins[pin] = .failed(error)
            }
        }
        return result
    }

    private func fetch(_ commit: ObjectID) async throws {
        let spool = try await fetch([commit], isNew: false)
        try await pool.run(until: .after(RefreshLimits.fetch)) {
            let repository = try Repository(openingBare: directory.repository)
            try spool.unpack(into: repository)
            guard repository.holds(commit) else {
                throw GitError(.protocol, "fetch commit \(commit) from \(address)", "the server sent another one")
            }
        }
    }
}

extension Repository {
    /// Whether a commit is stored together with its tree.
    borrowing func holds(_ commit: ObjectID) -> Bool {
        guard contains(commit), let tree = try? self.commit(commit).tree else { return false }
        return contains(tree)
    }

    /// The commits that branches are at.
    borrowing func tips() throws(GitError) -> [ObjectID] {
        var tips: Set<ObjectID> = []
        for name in try references(under: "refs/heads/") {
            if let commit = try commit(ofReference: name) { tips.insert(commit) }
        }
        return tips.sorted()
    }
}
