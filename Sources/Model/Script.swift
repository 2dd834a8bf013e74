/// One file that runs for an event.
public struct Script: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case sh
        case py
        case http
    }

    /// The file name: `configuration.change.sh`.
    public var name: String
    public var kind: Kind
    public var level: Level
    public var branch: String
    /// The full commit id.
    public var commit: String
    /// The script folder's name: `genericexecutor`.
    public var folder: String
    /// The absolute path of the file on disk.
    public var path: String
    /// The absolute path of the directory that stands for the root of the commit's tree: links lead no further.
    public var root: String

    public init(
        name: String,
        kind: Kind,
        level: Level,
        branch: String,
        commit: String,
        folder: String,
        path: String,
        root: String = "/"
    ) {
        self.name = name
        self.kind = kind
        self.level = level
        self.branch = branch
        self.commit = commit
        self.folder = folder
        self.path = path
        self.root = root
    }

    /// Whether the file is that of a commit and never changes.
    public var isOfCommit: Bool { commit.utf8.count >= 40 }

    /// Whether the file is for every event (`all.events.*`), not for this very one.
    public var isForAllEvents: Bool { name.hasPrefix("all.events.") }
}
