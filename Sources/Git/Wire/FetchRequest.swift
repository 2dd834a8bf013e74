/// The wish for commits with all that they need (gitprotocol-v2, "fetch").
public struct FetchRequest: Sendable, Hashable {
    public var wants: [ObjectID]
    /// Commits that are held with their whole trees, so that the server leaves out what they share.
    public var haves: [ObjectID]
    /// Commits that are held without their parents.
    public var shallow: [ObjectID]
    /// How many commits of history to take, counted from each wanted one; at least 1.
    public var depth: Int
    /// Whether the pack may hold differences to objects that only we have.
    public var allowsThinPack: Bool

    /// - Parameter depth: 1 takes the wanted commits alone.
    public init(
        wants: [ObjectID],
        haves: [ObjectID] = [],
        shallow: [ObjectID] = [],
        depth: Int = 1,
        allowsThinPack: Bool = true
    ) {
        self.wants = wants
        self.haves = haves
        self.shallow = shallow
        self.depth = depth
        self.allowsThinPack = allowsThinPack
    }

    /// - Throws: ``GitError`` of class `unsupported` if the server makes no shallow packs.
    public func request(to server: ServerAdvertisement) throws(GitError) -> [UInt8] {
        guard server.offers("shallow", for: "fetch") else {
            throw GitError(.unsupported, "fetch", "the server makes no shallow clones, which this service needs")
        }
        var packets = server.prologue(of: "fetch")
        if allowsThinPack { packets.append(.line("thin-pack")) }
        packets += [.line("no-progress"), .line("ofs-delta")]
        packets += wants.map { .line("want \($0)") }
        packets += shallow.map { .line("shallow \($0)") }
        packets.append(.line("deepen \(depth)"))
        packets += haves.map { .line("have \($0)") }
        packets += [.line("done"), .flush]
        return packets.flatMap(\.encoded)
    }
}
