import Git

/// One script folder as it will be on disk: plain directories and files, links replaced by what they point at.
struct FolderContent: Sendable, Hashable {
    struct Node: Sendable, Hashable {
        enum Kind: Sendable, Hashable {
            case file(ObjectID, isExecutable: Bool)
            case directory([Node])
        }

        var name: [UInt8]
        var kind: Kind
    }

    /// nil: the commit has no such folder.
    var nodes: [Node]?
    /// What was left out, and why.
    var warnings: [String]
}

/// The most that one script folder may hold.
struct FolderLimits: Sendable, Hashable {
    /// Files and directories together.
    var entries = 2_000
    var bytes = 64 << 20
    var depth = 16
}

extension FolderContent {
    /// Reads the folder at `path` of a commit's tree: names, kinds and sizes, not yet the files' bytes.
    ///
    /// - Parameter origin: the commit for messages: "dev at 1a2b3c".
    /// - Throws: ``Git/GitError`` if objects are missing, or if the folder is beyond the limits.
    init(
        at path: [[UInt8]],
        of root: ObjectID,
        in repository: borrowing Repository,
        origin: String,
        limits: FolderLimits = FolderLimits()
    ) throws(GitError) {
        var scan = FolderScan(origin: origin, limits: limits)
        let shown = path.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
        switch try TreeCursor(root: root).resolve(path, in: repository) {
        case .directory(let cursor): nodes = try scan.nodes(of: cursor, path: shown, above: [], in: repository)
        case .absent: nodes = nil
        case let other:
            nodes = nil
            scan.leaveOut(shown, other)
        }
        warnings = scan.warnings
    }
}

/// The walk through a folder, with what it has counted.
private struct FolderScan {
    let origin: String
    let limits: FolderLimits
    var entries = 0
    var bytes = 0
    var warnings: [String] = []

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
        for entry in try repository.tree(cursor.tree) {
            let shown = "\(path)/\(entry.text)"
            entries += 1
            guard entries <= limits.entries else { throw tooLarge(path, "has more than \(limits.entries) files") }
            guard Self.isAllowed(entry.name), names.insert(entry.name).inserted else {
                warn(shown, "its name is not allowed")
                continue
            }
            switch try cursor.resolve([entry.name], in: repository) {
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
        // One line in a record, whatever the name holds.
        let printable = String(path.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? "?" : Character($0) })
        warnings.append("\(printable) of \(origin) is left out: \(reason)")
    }

    private func tooLarge(_ path: String, _ reason: String) -> GitError {
        GitError(.unsupported, "read the script folder \(path) of \(origin)", "it \(reason)")
    }

    private static func isAllowed(_ name: [UInt8]) -> Bool {
        guard !name.isEmpty, name.count <= 255, !name.contains(UInt8(ascii: "/")), !name.contains(0) else { return false }
        let text = String(decoding: name, as: UTF8.self)
        return text != "." && text != ".." && text.lowercased() != ".git"
    }
}
