import Git

/// Where a commit has script folders: at its root, in the directories of services, and in those of stages and their services.
struct ScriptFolders {
    struct Folder: Sendable, Hashable {
        /// From the root.
        var path: [[UInt8]]
        var tree: ObjectID
    }

    /// The most directories that are looked at, in a commit that may be hostile.
    private static let limit = 100_000

    private let names: Set<[UInt8]>
    private(set) var folders: [Folder] = []
    /// Directories that were looked at: the same one on two branches is read once.
    private var seen: Set<ObjectID> = []

    /// - Parameter names: of script folders.
    init(names: [String]) { self.names = Set(names.map { Array($0.utf8) }) }

    /// Adds the folders of a commit's tree as far as they are not known. Folders behind links are not found. Blocks.
    mutating func find(in root: ObjectID, of repository: borrowing Repository) throws(GitError) {
        try look(at: root, path: [], depth: 1, in: repository)
        let stages = Array(StageLayout.directory.utf8)
        guard let entry = try repository.entry(stages, in: root), entry.kind == .tree else { return }
        for stage in try repository.tree(entry.id) where stage.kind == .tree {
            try look(at: stage.id, path: [stages, stage.name], depth: 1, in: repository)
        }
    }

    /// A directory that may have script folders, and as many levels of directories below it.
    private mutating func look(
        at tree: ObjectID,
        path: [[UInt8]],
        depth: Int,
        in repository: borrowing Repository
    ) throws(GitError) {
        guard seen.count < Self.limit, seen.insert(tree).inserted else { return }
        for entry in try repository.tree(tree) where entry.kind == .tree {
            if names.contains(entry.name) {
                folders.append(Folder(path: path + [entry.name], tree: entry.id))
            } else if depth > 0 {
                try look(at: entry.id, path: path + [entry.name], depth: depth - 1, in: repository)
            }
        }
    }
}
