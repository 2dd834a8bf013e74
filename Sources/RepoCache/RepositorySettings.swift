public import Git
public import Model

/// How to reach one project's repository, and how to read it.
public struct RepositorySettings: Sendable {
    /// How Keptn keeps stages in a repository.
    public enum Layout: String, Sendable, Hashable, CaseIterable {
        /// Found out from the repository.
        case auto
        /// A branch for each stage.
        case branches
        /// `.keptn-stages/<stage>/` on the default branch.
        case directories
    }

    /// What to do when the repository cannot be asked.
    public enum FailurePolicy: String, Sendable, Hashable, CaseIterable {
        /// Serve the last good commits and say so.
        case cached
        case fail
    }

    /// The address, in any form that ``Git/RemoteURL`` takes. User and password in it count unless `access` has credentials.
    public var remote: String
    public var access: RemoteAccess
    public var layout: Layout
    /// In place of the branch that the remote's HEAD names.
    public var defaultBranch: String?
    public var onFailure: FailurePolicy
    /// Commits that were asked for within this time are current enough; zero asks each time.
    public var refreshMaxAge: Duration
    /// How many commits of a branch are searched for a commit that an event names.
    public var historyLimit: Int
    /// nil: commits need no signature.
    public var signatures: SignaturePolicy?
    /// The names of script folders, in order. Fixed for a project as long as the cache lives.
    public var folders: [PlainName]

    public init(
        remote: String,
        access: RemoteAccess = RemoteAccess(),
        layout: Layout = .auto,
        defaultBranch: String? = nil,
        onFailure: FailurePolicy = .cached,
        refreshMaxAge: Duration = .zero,
        historyLimit: Int = 1_000,
        signatures: SignaturePolicy? = nil,
        folders: [PlainName]
    ) {
        self.remote = remote
        self.access = access
        self.layout = layout
        self.defaultBranch = defaultBranch
        self.onFailure = onFailure
        self.refreshMaxAge = refreshMaxAge
        self.historyLimit = historyLimit
        self.signatures = signatures
        self.folders = folders
    }
}
