public import Curl
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

    /// The address: `https://`, `http://`, `file://` or a path. User and password in it count unless `credentials` are given.
    public var remote: String
    public var credentials: BasicCredentials?
    /// A PEM file whose certificates are trusted instead of the system's.
    public var caFile: String?
    public var proxy: HTTPRequest.Proxy
    public var layout: Layout
    /// In place of the branch that the remote's HEAD names.
    public var defaultBranch: String?
    public var onFailure: FailurePolicy
    /// Commits that were asked for within this time are current enough; zero asks each time.
    public var refreshMaxAge: Duration
    /// The names of script folders, in order. Fixed for a project as long as the cache lives.
    public var folders: [PlainName]

    public init(
        remote: String,
        credentials: BasicCredentials? = nil,
        caFile: String? = nil,
        proxy: HTTPRequest.Proxy = .system,
        layout: Layout = .auto,
        defaultBranch: String? = nil,
        onFailure: FailurePolicy = .cached,
        refreshMaxAge: Duration = .zero,
        folders: [PlainName]
    ) {
        self.remote = remote
        self.credentials = credentials
        self.caFile = caFile
        self.proxy = proxy
        self.layout = layout
        self.defaultBranch = defaultBranch
        self.onFailure = onFailure
        self.refreshMaxAge = refreshMaxAge
        self.folders = folders
    }
}
