import Git

/// What the cache knows of one project, for people and programs that look in. Nothing in it is secret.
public struct RepositoryStatus: Sendable, Hashable {
    public struct Branch: Sendable, Hashable {
        public var name: String
        /// nil: it was asked for and does not exist.
        public var commit: String?
        /// Seconds since 1970: when it was last asked for, and when its commit last changed.
        public var asked: Double
        public var changed: Double
    }

    /// Why the repository could not be asked the last time.
    public struct Failure: Sendable, Hashable {
        public var failureClass: String
        public var reason: String
        /// Seconds since 1970.
        public var since: Double
        /// Seconds since 1970 until which it is not asked again unless something changes; nil: the next event asks.
        public var heldUntil: Double?
    }

    public var project: String
    /// Without credentials.
    public var remote: String?
    public var defaultBranch: String?
    /// Sorted by name.
    public var branches: [Branch]
    public var failure: Failure?
    /// Of the clone on disk; 0 where the remote is a repository of this machine.
    public var bytes: Int
    public var packs: Int
}

extension RepositoryStatus {
    /// What an earlier process has left of a project that nobody has asked for in this one. Blocks.
    init(of directory: ProjectDirectory) {
        let kept = ProjectState.read(directory.state)
        let size = CloneSize(of: directory.repository, fresh: kept?.freshBytes)
        self.init(project: directory.name, view: kept?.view, size: size, failure: nil)
    }

    init(project: String, view: ProjectView?, size: CloneSize, failure: RefreshFailure?) {
        self.project = project
        remote = view?.remote
        defaultBranch = view?.defaultBranch
        branches = (view?.tips ?? [:]).sorted { $0.key < $1.key }.map { name, tip in
            Branch(name: name, commit: tip.commit?.description, asked: tip.asked.seconds, changed: tip.changed.seconds)
        }
        self.failure = failure.map { failure in
            Failure(
                failureClass: failure.error.failureClass,
                reason: failure.error.description,
                since: failure.since.seconds,
                heldUntil: failure.heldUntil?.seconds
            )
        }
        bytes = size.bytes
        packs = size.packs
    }
}
