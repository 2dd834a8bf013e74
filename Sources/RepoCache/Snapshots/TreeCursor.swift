import Git

/// A place in a commit's tree, and the way there from the root: walks paths as a file system does, symbolic links included,
/// but never leaves the tree.
struct TreeCursor: Sendable, Hashable {
    struct Step: Sendable, Hashable {
        var name: [UInt8]
        var tree: ObjectID
    }

    /// What is at the end of a path.
    enum Target: Sendable, Hashable {
        case directory(TreeCursor)
        case file(ObjectID, isExecutable: Bool)
        case submodule
        case absent
        /// A link on the way leads out of the repository: absolute, or above the root.
        case outside
        /// Too many links on the way, so probably a circle.
        case circle
    }

    let root: ObjectID
    /// The directories below the root, links resolved.
    private(set) var steps: [Step] = []

    init(root: ObjectID) { self.root = root }

    /// The tree that the cursor stands at.
    var tree: ObjectID { steps.last?.tree ?? root }
    var names: [[UInt8]] { steps.map(\.name) }

    /// The cursor in a directory of this one.
    func entering(_ entry: TreeEntry) -> TreeCursor {
        var cursor = self
        cursor.steps.append(Step(name: entry.name, tree: entry.id))
        return cursor
    }

    /// As many as Linux follows.
    private static let maximumLinks = 40
    private static let maximumLinkLength = 4_096

    /// Follows a path from here. Its parts are names, `.` and `..`.
    func resolve(_ path: [[UInt8]], in repository: borrowing Repository) throws(GitError) -> Target {
        var budget = TreeBudget()
        return try resolve(path, in: repository, budget: &budget)
    }

    /// The same; what is read is taken from `budget`.
    ///
    /// - Throws: ``Git/GitError``, of class `unsupported` if the budget is spent.
    func resolve(
        _ path: [[UInt8]],
        in repository: borrowing Repository,
        budget: inout TreeBudget
    ) throws(GitError) -> Target {
        var cursor = self
        var rest = Array(path.reversed())
        var links = 0
        while let name = rest.popLast() {
            if name.isEmpty || name == [UInt8(ascii: ".")] { continue }
            if name == Array("..".utf8) {
                guard cursor.steps.popLast() != nil else { return .outside }
                continue
            }
            try budget.take(cursor.tree, of: repository)
            guard let entry = try repository.entry(name, in: cursor.tree) else { return .absent }
            switch entry.kind {
            case .tree: cursor = cursor.entering(entry)
            case .submodule: return rest.isEmpty ? .submodule : .absent
            case .file, .executable:
                // A slash or a dot after a file's name makes it a wrong path, as in a file system.
                return rest.isEmpty ? .file(entry.id, isExecutable: entry.kind == .executable) : .absent
            case .link:
                links += 1
                guard links <= Self.maximumLinks else { return .circle }
                guard try repository.blobSize(entry.id) <= Self.maximumLinkLength else { return .absent }
                let target = try repository.blob(entry.id)
                guard !target.isEmpty else { return .absent }
                guard target.first != UInt8(ascii: "/") else { return .outside }
                rest += target.split(separator: UInt8(ascii: "/")).reversed().map(Array.init)
            }
        }
        return .directory(cursor)
    }
}
