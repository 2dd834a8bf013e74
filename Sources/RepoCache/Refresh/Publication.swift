import Basics
import Git
import Model

/// The last step of a refresh: new commits that were fetched are checked, then the clone's references say so. Blocks.
struct Publication: Sendable {
    let view: ProjectView
    /// The branches whose commits are new; nil for those that are gone.
    let changed: [String: ObjectID?]
    let folders: [String]
    /// Whose folders are read before the new commits count.
    let scopes: Set<Scope>
    let layout: RepositorySettings.Layout

    /// Checks, then writes.
    func run(in repository: borrowing Repository) throws {
        try verify(in: repository)
        try write(to: repository)
    }

    /// Reads what will be read: an interrupted or damaged transfer must not become the truth.
    private func verify(in repository: borrowing Repository) throws {
        let commits = Set(changed.values.compactMap(\.self))
        for commit in commits { _ = try repository.tree(try repository.commit(commit).tree) }
        for scope in scopes {
            let layout = try view.layout(layout, stage: scope.stage?.text, in: repository)
            let plan = SnapshotPlan(scope, layout: layout, view: view, pin: nil)
            for place in plan.places where commits.contains(place.commit) {
                for folder in folders {
                    do {
                        try verify(folder, of: place, in: repository)
                    } catch let error as GitError where error.failureClass == .unsupported {
                        // Beyond the limits, which concerns those alone who use the folder.
                    }
                }
            }
        }
    }

    private func verify(_ folder: String, of place: LevelPlace, in repository: borrowing Repository) throws {
        let root = try repository.commit(place.commit).tree
        let path = (place.path + [folder]).map { Array($0.utf8) }
        let content = try FolderContent(at: path, of: root, in: repository, origin: place.origin)
        for file in content.nodes?.flatMap(\.files) ?? [] { try repository.withBlob(file) { _ in } }
    }

    /// Writes `shallow`, the references and HEAD. Whatever moment ends this, `git fsck` finds nothing wrong: `shallow` names the
    /// new commits before a reference does, and forgets those of today with the next publication.
    private func write(to repository: borrowing Repository) throws {
        let old = try repository.tips()
        try repository.writeShallow(tips: Set(old).union(changed.values.compactMap(\.self)))
        for name in try repository.references(under: "refs/heads/") {
            let branch = String(name.dropFirst("refs/heads/".count))
            let isGone = changed[branch].map { $0 == nil } ?? false
            if isGone || isInTheWay(branch) { try repository.removeReference(name) }
        }
        for (branch, commit) in changed {
            if let commit { try repository.setReference("refs/heads/\(branch)", to: commit) }
        }
        if let head = view.defaultBranch.map({ "refs/heads/\($0)" }), try repository.headTarget() != head {
            try repository.setHead(to: head)
        }
    }

    /// References are files: a branch `a` that we no longer ask for and a new `a/b` cannot be there together.
    private func isInTheWay(_ branch: String) -> Bool {
        changed.contains { other, commit in
            commit != nil && (other.hasPrefix(branch + "/") || branch.hasPrefix(other + "/"))
        }
    }
}

extension FolderContent.Node {
    /// The contents of all files in it.
    fileprivate var files: [ObjectID] {
        switch kind {
        case .file(let id, _): [id]
        case .directory(let nodes): nodes.flatMap(\.files)
        }
    }
}
