/// The wish for objects with all that they need (gitprotocol-v2, "fetch"; gitprotocol-pack, "Packfile Negotiation").
public struct FetchRequest: Sendable, Hashable {
    public var wants: [ObjectID]
    /// Commits that are held with their whole trees, so that the server leaves out what they share.
    public var haves: [ObjectID]
    /// Commits that are held without their parents.
    public var shallow: [ObjectID]
    /// How many commits of history to take, counted from each wanted one; nil where what is wanted are no commits.
    public var depth: Int?
    /// Whether files are to be left out, if the server can do that. What is wanted by its own name comes all the same.
    public var omitsBlobs: Bool

    /// - Parameter depth: 1 takes the wanted commits alone.
    public init(
        wants: [ObjectID],
        haves: [ObjectID] = [],
        shallow: [ObjectID] = [],
        depth: Int? = 1,
        omitsBlobs: Bool = false
    ) {
        self.wants = wants
        self.haves = haves
        self.shallow = shallow
        self.depth = depth
        self.omitsBlobs = omitsBlobs
    }

    /// Whether a server leaves out the files. Before version 2 it could not send single ones afterwards.
    func isFiltered(by server: ServerAdvertisement) -> Bool {
        omitsBlobs && server.version == 2 && server.offers("filter", for: "fetch")
    }

    /// - Throws: ``GitError`` of class `unsupported` if the server makes no shallow packs.
    public func request(to server: ServerAdvertisement) throws(GitError) -> [UInt8] {
        guard depth == nil || server.offers("shallow", for: "fetch") else {
            throw GitError(.unsupported, "fetch", "the server makes no shallow clones, which this service needs")
        }
        guard server.version == 2 || server.offers("side-band-64k", for: "fetch") else {
            throw GitError(.unsupported, "fetch", "the server is older than Git 1.4.4, which this service does not speak to")
        }
        let packets = server.version == 2 ? command(to: server) : negotiation(with: server)
        return packets.flatMap(\.encoded)
    }

    private func command(to server: ServerAdvertisement) -> [Packet] {
        var packets = server.prologue(of: "fetch")
        if isThin(server) { packets.append(.line("thin-pack")) }
        packets += [.line("no-progress"), .line("ofs-delta")]
        packets += wants.map { .line("want \($0)") }
        packets += shallow.map { .line("shallow \($0)") }
        if let depth { packets.append(.line("deepen \(depth)")) }
        if isFiltered(by: server) { packets.append(.line("filter blob:none")) }
        packets += haves.map { .line("have \($0)") }
        return packets + [.line("done"), .flush]
    }

    /// Versions 0 and 1: features stand behind the first wish, and nothing ends the last line but its content.
    private func negotiation(with server: ServerAdvertisement) -> [Packet] {
        let features = ["side-band-64k", "no-progress", "ofs-delta"] + (isThin(server) ? ["thin-pack"] : [])
        var words = features.filter { server.offers($0, for: "fetch") }
        if server.capabilities["agent"] != nil { words.append("agent=generic-executor-service") }
        var packets = wants.enumerated().map { number, want in
            Packet.line((["want \(want)"] + (number == 0 ? words : [])).joined(separator: " "))
        }
        packets += shallow.map { .line("shallow \($0)") }
        if let depth { packets.append(.line("deepen \(depth)")) }
        packets.append(.flush)
        packets += haves.map { .line("have \($0)") }
        return packets + [.line("done")]
    }

    /// Whether the pack may hold differences to objects that only we have. Where files were left out before, we do not have them.
    private func isThin(_ server: ServerAdvertisement) -> Bool { !omitsBlobs || isFiltered(by: server) }
}
