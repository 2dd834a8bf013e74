import Git
import Model

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
        var found = ScriptFolders(names: folders)
        var search = Search()
        for commit in commits {
            let root = try repository.commit(commit).tree
            if let metadata = try repository.entry(Array("metadata.yaml".utf8), in: root) { search.note(metadata, repository) }
            try found.find(in: root, of: repository)
        }
        for folder in found.folders { try search.folder(folder.tree, depth: FolderLimits().depth, in: repository) }
        return search.missing
    }

    /// Only those of the folders that these scopes look at: what somebody waits for.
    static func missing(
        of commits: some Sequence<ObjectID>,
        folders: [String],
        scopes: Set<Scope>,
        in repository: borrowing Repository
    ) throws(GitError) -> [ObjectID] {
        var search = Search()
        for commit in commits {
            let root = try repository.commit(commit).tree
            if let metadata = try repository.entry(Array("metadata.yaml".utf8), in: root) { search.note(metadata, repository) }
            for place in scopes.reduce(into: Set([[]]), { $0.formUnion(places(of: $1)) }) {
                for folder in folders {
                    let path = (place + [folder]).map { Array($0.utf8) }
                    guard let directory = try search.directory(at: path, from: root, in: repository) else { continue }
                    try search.folder(directory, depth: FolderLimits().depth, in: repository)
                }
            }
        }
        return search.missing
    }

    /// Where a scope's script folders can be, in both layouts.
    private static func places(of scope: Scope) -> [[String]] {
        let (stage, service) = (scope.stage.map { [StageLayout.directory, $0.text] }, scope.service.map { [$0.text] })
        return [service, stage, stage.flatMap { stage in service.map { stage + $0 } }].compactMap(\.self)
    }

    /// All files of all commits; nil if there are more than `limit` of them.
    static func allMissing(
        of commits: some Sequence<ObjectID>,
        limit: Int,
        in repository: borrowing Repository
    ) throws(GitError) -> [ObjectID]? {
        var search = Search()
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
        var seen: Set<ObjectID> = []
        var missing: [ObjectID] = []

        mutating func note(_ entry: TreeEntry, _ repository: borrowing Repository) {
            guard entry.kind != .submodule, entry.kind != .tree, seen.insert(entry.id).inserted else { return }
            if !repository.holds(entry.id) { missing.append(entry.id) }
        }

        /// The directory at a path, unless a link is on the way: that is followed when it is needed.
        func directory(
            at path: [[UInt8]],
            from root: ObjectID,
            in repository: borrowing Repository
        ) throws(GitError) -> ObjectID? {
            var tree = root
            for name in path {
                guard let entry = try repository.entry(name, in: tree), entry.kind == .tree else { return nil }
                tree = entry.id
            }
            return tree
        }

        mutating func folder(_ tree: ObjectID, depth: Int, in repository: borrowing Repository) throws(GitError) {
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
