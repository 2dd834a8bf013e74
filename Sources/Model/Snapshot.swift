/// The script folders of one project, stage and service on disk, each level at one commit.
public struct Snapshot: Sendable, Hashable {
    /// One level's directory at its commit.
    public struct Place: Sendable, Hashable {
        public var level: Level
        public var branch: String
        /// The full commit id.
        public var commit: String
        /// The path inside the commit's tree: `carts`, `.keptn-stages/dev/carts`, or empty for the root.
        public var path: String
        /// The absolute directory on disk that stands for `path` and holds the script folders. It need not exist: then the level has none.
        public var directory: String

        /// Whether what is in the directory is that commit's and never changes, and not a directory that somebody works in.
        public var isOfCommit: Bool { commit.utf8.count >= 40 }

        /// The directory that stands for the root of the commit's tree.
        public var root: String {
            let suffix = "/" + path
            return !path.isEmpty && directory.hasSuffix(suffix) ? String(directory.dropLast(suffix.count)) : directory
        }

        public init(level: Level, branch: String, commit: String, path: String, directory: String) {
            self.level = level
            self.branch = branch
            self.commit = commit
            self.path = path
            self.directory = directory
        }
    }

    /// The last good commits are served because the refresh failed.
    public struct Staleness: Sendable, Hashable {
        /// The class of the failure: `dns`, `connect`, `tls`, `auth`, ...
        public var failureClass: String
        /// One sentence: what was tried, on what, why not.
        public var reason: String
        /// How long ago the commits were known to be current.
        public var age: Duration

        public init(failureClass: String, reason: String, age: Duration) {
            self.failureClass = failureClass
            self.reason = reason
            self.age = age
        }
    }

    /// The levels that exist, in order: service, stage, project.
    public var places: [Place]
    /// What the record of the run should say: a stage without a branch, submodules left out, ...
    public var warnings: [String]
    public var staleness: Staleness?

    public init(places: [Place], warnings: [String] = [], staleness: Staleness? = nil) {
        self.places = places
        self.warnings = warnings
        self.staleness = staleness
    }
}
