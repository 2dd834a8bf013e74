import Basics
import Git

/// The walk through a script folder, with what it has counted.
struct FolderScan {
    let origin: String
    let limits: FolderLimits
    var budget = TreeBudget()
    /// Files that are not there; in a partial clone they have to be fetched.
    private(set) var missing: [ObjectID] = []
    private var entries = 0
    private var bytes = 0
    private var warnings: [String] = []
    private var moreWarnings = 0

    /// How many are told one by one.
    private static let maximumWarnings = 50

    init(origin: String, limits: FolderLimits) {
        self.origin = origin
        self.limits = limits
    }

    var allWarnings: [String] {
        moreWarnings == 0 ? warnings : warnings + ["\(moreWarnings) more files of \(origin) are left out"]
    }

    /// - Parameter above: where the directories above this one really are: one of them again would have no end.
    mutating func nodes(
        of cursor: TreeCursor,
        path: String,
        above: [[[UInt8]]],
        in repository: borrowing Repository
    ) throws(GitError) -> [FolderContent.Node] {
        guard above.count < limits.depth else { throw tooLarge(path, "is deeper than \(limits.depth) directories") }
        let above = above + [cursor.names]
        var nodes: [FolderContent.Node] = []
        var names: Set<[UInt8]> = []
        try budget.take(cursor.tree, of: repository)
        // One more than is left tells that there are too many.
        for entry in try repository.tree(cursor.tree, limit: limits.entries - entries + 1) {
            let shown = "\(path)/\(entry.text)"
            entries += 1
            guard entries <= limits.entries else { throw tooLarge(path, "has more than \(limits.entries) files") }
            guard Self.isAllowed(entry.name) else {
                warn(shown, "its name is not allowed")
                continue
            }
            guard names.insert(entry.name).inserted else {
                warn(shown, "its name is there twice")
                continue
            }
            switch try target(of: entry, at: cursor, in: repository) {
            case .file(let id, _) where !repository.holds(id): missing.append(id)
            case .file(let id, let isExecutable):
                let size = try repository.blobSize(id)
                // Not by a sum: a damaged object can claim any size.
                guard size <= limits.bytes - bytes else { throw tooLarge(path, "is larger than \(limits.bytes) bytes") }
                bytes += size
                nodes.append(FolderContent.Node(name: entry.name, kind: .file(id, isExecutable: isExecutable)))
            case .directory(let directory) where above.contains(directory.names): leaveOut(shown, .circle)
            case .directory(let directory):
                let children = try self.nodes(of: directory, path: shown, above: above, in: repository)
                nodes.append(FolderContent.Node(name: entry.name, kind: .directory(children)))
            case let other: leaveOut(shown, other)
            }
        }
        return nodes
    }

    /// What a line of the cursor's tree stands for.
    private mutating func target(
        of entry: TreeEntry,
        at cursor: TreeCursor,
        in repository: borrowing Repository
    ) throws(GitError) -> TreeCursor.Target {
        switch entry.kind {
        case .file, .executable: .file(entry.id, isExecutable: entry.kind == .executable)
        case .tree: .directory(cursor.entering(entry))
        case .submodule: .submodule
        case .link: try cursor.resolve([entry.name], in: repository, budget: &budget)
        }
    }

    mutating func leaveOut(_ path: String, _ target: TreeCursor.Target) {
        switch target {
        case .file, .directory: warn(path, "it is no folder")
        case .submodule: warn(path, "submodules are not read")
        case .absent: warn(path, "the link points at nothing")
        case .outside: warn(path, "the link leads out of the repository")
        case .circle: warn(path, "the link leads in a circle")
        }
    }

    private mutating func warn(_ path: String, _ reason: String) {
        if warnings.count < Self.maximumWarnings {
            warnings.append("\(path.printable) of \(origin) is left out: \(reason)")
        } else {
            moreWarnings += 1
        }
    }

    private func tooLarge(_ path: String, _ reason: String) -> GitError {
        GitError(.unsupported, "read the script folder \(path.printable) of \(origin)", "it \(reason)")
    }

    private static func isAllowed(_ name: [UInt8]) -> Bool {
        guard !name.isEmpty, name.count <= 255, !name.contains(UInt8(ascii: "/")), !name.contains(0) else { return false }
        let text = String(decoding: name, as: UTF8.self)
        return text != "." && text != ".." && text.lowercased() != ".git"
    }
}
