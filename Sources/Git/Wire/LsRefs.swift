/// One reference of a remote repository.
public struct RemoteReference: Sendable, Hashable {
    public let name: String
    /// nil for a HEAD whose branch does not exist yet.
    public let id: ObjectID?
    /// The reference that a symbolic one stands for.
    public let target: String?

    public init(name: String, id: ObjectID?, target: String? = nil) {
        self.name = name
        self.id = id
        self.target = target
    }
}

/// The question which commits the references are at (gitprotocol-v2, "ls-refs").
public struct LsRefs: Sendable, Hashable {
    /// Beginnings of names: the server leaves out what begins with none of them, and may not.
    public var prefixes: [String]

    public init(prefixes: [String]) { self.prefixes = prefixes }

    /// - Returns: nil for a server that has listed its references already, as those before version 2 do.
    public func request(to server: ServerAdvertisement) -> [UInt8]? {
        guard server.version == 2 else { return nil }
        var packets = server.prologue(of: "ls-refs")
        packets.append(.line("symrefs"))
        if server.offers("unborn", for: "ls-refs") { packets.append(.line("unborn")) }
        packets += prefixes.map { .line("ref-prefix \($0)") }
        return (packets + [.flush]).flatMap(\.encoded)
    }

    /// Those of a full list that are asked for.
    func matching(_ references: [RemoteReference]) -> [RemoteReference] {
        references.filter { reference in prefixes.contains { reference.name.hasPrefix($0) } }
    }

    /// Reads the answer, which must be complete.
    public static func response(_ bytes: [UInt8]) throws(GitError) -> [RemoteReference] {
        // A server that does not know version 2 answers the command with 200 and nothing.
        guard !bytes.isEmpty else { throw GitError(.protocol, "list the references", "the server's answer is empty") }
        var references: [RemoteReference] = []
        for packet in try PacketReader.packets(of: bytes) {
            try packet.refusal()
            guard let line = packet.text else {
                guard packet == .flush else { break }
                return references
            }
            references.append(try reference(line))
        }
        throw GitError(.protocol, "list the references", "the server's answer has no end")
    }

    private static func reference(_ line: String) throws(GitError) -> RemoteReference {
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count >= 2, !words[1].isEmpty else {
            throw GitError(.protocol, "list the references", "a line of the server's answer names no reference")
        }
        let id = ObjectID(hex: words[0])
        guard id != nil || words[0] == "unborn" else {
            throw GitError(.protocol, "list the references", "a line of the server's answer has no object name")
        }
        let target = words.dropFirst(2).first { $0.hasPrefix("symref-target:") }?.dropFirst("symref-target:".count)
        return RemoteReference(name: String(words[1]), id: id, target: target.map(String.init))
    }
}
