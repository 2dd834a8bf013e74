/// What a look at one project's repository brought, step by step: for people who want to know why it does not work.
public struct RepositoryInspection: Sendable, Hashable {
    public enum Stage: String, Sendable, Hashable, CaseIterable {
        /// The configuration names a remote and its credentials.
        case configuration
        /// The server says which branches it has.
        case ask
        /// A clone is made, and its signatures are checked where they must be.
        case fetch
        /// The script folders are found.
        case read
    }

    public struct Step: Sendable, Hashable {
        public var stage: Stage
        public var duration: Duration
        /// Why it did not work, with the remedy; the steps after it were not tried.
        public var failure: RepoCacheError?
    }

    public struct Folder: Sendable, Hashable {
        /// From the root of the branch.
        public var path: String
        /// Of the folder itself, not of directories in it.
        public var files: Int
    }

    public struct Branch: Sendable, Hashable {
        public var name: String
        public var commit: String
        public var folders: [Folder]
    }

    public var project: String
    /// Without credentials.
    public var remote: String?
    /// Where the credentials come from, in words.
    public var credentials: String?
    /// Who the server proved to be.
    public var peer: String?
    public var steps: [Step] = []
    public var defaultBranch: String?
    public var branches: [Branch] = []
    /// How many branches there are; those beyond ``maximumBranches`` are not looked at.
    public var branchCount = 0

    public static let maximumBranches = 100

    public var isGood: Bool { steps.count == Stage.allCases.count && steps.allSatisfy { $0.failure == nil } }
}
