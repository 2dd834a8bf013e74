/// How much disk clones and snapshots may take.
public struct CacheLimits: Sendable, Hashable {
    /// Bytes of one project; a repository that needs more is refused.
    public var perProject: Int
    /// Bytes of all projects together; the clones that were not used for longest go.
    public var total: Int

    public init(perProject: Int = 4 << 30, total: Int = 32 << 30) {
        self.perProject = perProject
        self.total = total
    }
}
