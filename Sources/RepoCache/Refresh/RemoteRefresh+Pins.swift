import Basics
import Git

extension RemoteRefresh {
    /// Proves that each pinned commit belongs to its branch, and fetches it where it is not held.
    func prove(_ pins: Set<Wish.Pin>, in result: RefreshResult) async throws -> RefreshResult {
        var result = result
        for pin in pins {
            let (view, layout) = (result.view, settings.layout)
            let (home, isHeld) = try await pool.run(until: .after(RefreshLimits.disk)) {
                let repository = try Repository(openingBare: repository)
                return (try view.home(of: pin, layout, in: repository), repository.hasTree(of: pin.commit))
            }
            guard let (branch, tip) = home else { continue }
            do {
                if !result.view.isProven(pin.commit, on: branch) {
                    guard try await canReach(pin.commit, from: tip, within: settings.historyLimit) else {
                        throw GitError.unreachable(pin.commit, from: branch, of: address, limit: settings.historyLimit)
                    }
                }
                if !isHeld { try await fetch(pin.commit, of: tip) }
                try await verifier?.verify([pin.commit], in: repository)
                result.view.prove(pin.commit, on: branch)
                result.pins[pin] = .proven
            } catch let error as GitError {
                result.pins[pin] = .failed(error)
            }
        }
        return result
    }

    private func canReach(_ commit: ObjectID, from tip: ObjectID, within depth: Int) async throws -> Bool {
        try await remote.canReach(commit, from: tip, depth: depth, deadline: .after(RefreshLimits.fetch))
    }

    private func fetch(_ commit: ObjectID, of tip: ObjectID) async throws {
        do {
            _ = try await fetch([commit], isNew: false)
        } catch let error as GitError where [.notFound, .server, .protocol].contains(error.failureClass) {
            // Servers of version 0 hand out only what a reference names: the branch's history down to the commit brings it too.
            try await fetchHistory(of: tip, downTo: commit)
        }
        let isHeld = try await pool.run(until: .after(RefreshLimits.disk)) {
            try Repository(openingBare: repository).hasTree(of: commit)
        }
        guard isHeld else { throw GitError(.protocol, "fetch commit \(commit) from \(address)", "the server sent another one") }
    }

    /// Finds out how deep a commit is, by questions that cost nothing but their round trip, and fetches that much.
    private func fetchHistory(of tip: ObjectID, downTo commit: ObjectID) async throws {
        var (low, high) = (0, 1)
        while high < settings.historyLimit, try await !canReach(commit, from: tip, within: high) {
            (low, high) = (high, high * 2)
        }
        high = min(high, settings.historyLimit)
        while low + 1 < high {
            let middle = (low + high) / 2
            if try await canReach(commit, from: tip, within: middle) { high = middle } else { low = middle }
        }
        try await fetchHistory(of: tip, depth: high + 1)
    }
}

extension GitError {
    static func unreachable(_ commit: ObjectID, from branch: String, of remote: String, limit: Int) -> GitError {
        GitError(
            .notFound,
            "use commit \(commit.abbreviated)",
            "it is not among the last \(limit) commits of branch \(branch) of \(remote) (GIT_HISTORY_LIMIT)"
        )
    }
}

extension Repository {
    /// Whether a commit is stored together with its tree.
    borrowing func hasTree(of commit: ObjectID) -> Bool {
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
