/// What a commit names: its tree and the commits before it.
public struct Commit: Sendable, Hashable {
    public let id: ObjectID
    public let tree: ObjectID
    /// As the commit says; in a shallow clone they are not there.
    public let parents: [ObjectID]
}
