/// How one request for a project's scripts was served, for metrics.
public struct RefreshRecord: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The repository was asked, and nothing had changed.
        case unchanged
        case fetched
        case cloned
        /// What was held was enough: nobody was asked.
        case held
        /// The repository could not be asked: the last good commits were served.
        case cached
        case failed
    }

    public var project: String
    public var kind: Kind
    /// From the request to its answer.
    public var duration: Duration
    /// For `cached` and `failed`.
    public var failureClass: String?
}
