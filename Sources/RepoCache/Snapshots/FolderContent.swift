import Basics
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
    /// What was left out, and why: the first of it.
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
        switch try TreeCursor(root: root).resolve(path, in: repository, budget: &scan.budget) {
        case .directory(let cursor): nodes = try scan.nodes(of: cursor, path: shown, above: [], in: repository)
        case .absent: nodes = nil
        case let other:
            nodes = nil
            scan.leaveOut(shown, other)
        }
        warnings = scan.allWarnings
        guard scan.missing.isEmpty else {
            let reason = "\(scan.missing.count) of its files are not there"
            throw GitError(.corrupt, "read the script folder \(shown.printable) of \(origin)", reason, missing: scan.missing)
        }
    }
}
