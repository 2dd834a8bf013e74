import Git

/// The files that a partial clone lacks. Blocks.
enum ScriptBlobs {
    /// The most objects that are looked at, in a commit that may be hostile.
    private static let limit = 200_000

    /// Those of the script folders at their usual places, of all stages and services, and what tells a project's layout.
    ///
    /// Folders at other places, behind links for instance, are fetched when somebody needs them.
    static func missing(
        of commits: some Sequence<ObjectID>,
        folders: [String],
        in repository: borrowing Repository
    ) throws(GitError) -> [ObjectID] {
        var search = Search(folders: Set(folders.map { Array($0.utf8) }))
        for commit in commits {
            let root = try repository.commit(commit).tree
            for entry in try repository.tree(root) where entry.name == Array("metadata.yaml".utf8) {
                search.note(entry, repository)
            }
            try search.level(root, depth: 1, in: repository)
            if let stages = try repository.entry(Array(StageLayout.directory.utf8), in: root), stages.kind == .tree {
                for stage in try repository.tree(stages.id) where stage.kind == .tree {
                    try search.level(stage.id, depth: 1, in: repository)
                }
            }
        }
        return search.missing
    }

    /// All files of all commits; nil if there are more than `limit` of them.
    static func allMissing(
        of commits: some Sequence<ObjectID>,
        limit: Int,
        in repository: borrowing Repository
    ) throws(GitError) -> [ObjectID]? {
        var search = Search(folders: [])
        for commit in commits {
            var trees = [try repository.commit(commit).tree]
            while let tree = trees.popLast() {
                guard search.seen.insert(tree).inserted else { continue }
                for entry in try repository.tree(tree) {
                    if entry.kind == .tree { trees.append(entry.id) } else { search.note(entry, repository) }
                }
                guard search.missing.count <= limit, search.seen.count <= limit else { return nil }
            }
        }
        return search.missing
    }

    private struct Search {
        let folders: Set<[UInt8]>
        var seen: Set<ObjectID> = []
        var missing: [ObjectID] = []

        mutating func note(_ entry: TreeEntry, _ repository: borrowing Repository) {
            guard entry.kind != .submodule, entry.kind != .tree, seen.insert(entry.id).inserted else { return }
            if !repository.holds(entry.id) { missing.append(entry.id) }
        }

        /// A directory that may have script folders, and as many levels of directories below it.
        mutating func level(_ tree: ObjectID, depth: Int, in repository: borrowing Repository) throws(GitError) {
            guard seen.insert(tree).inserted, seen.count < ScriptBlobs.limit else { return }
            for entry in try repository.tree(tree) where entry.kind == .tree {
                if folders.contains(entry.name) {
                    try folder(entry.id, depth: FolderLimits().depth, in: repository)
                } else if depth > 0 {
                    try level(entry.id, depth: depth - 1, in: repository)
                }
            }
        }

        private mutating func folder(_ tree: ObjectID, depth: Int, in repository: borrowing Repository) throws(GitError) {
            guard depth > 0, seen.insert(tree).inserted, seen.count < ScriptBlobs.limit else { return }
            for entry in try repository.tree(tree) {
                if entry.kind == .tree {
                    try folder(entry.id, depth: depth - 1, in: repository)
                } else {
                    note(entry, repository)
                }
            }
        }
    }
}
