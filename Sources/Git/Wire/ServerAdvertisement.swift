/// What a server says about itself at first contact: in version 2 only what it can do (gitprotocol-v2, "Initial Client Request"),
/// in versions 0 and 1 its references too (gitprotocol-pack, "Reference Discovery").
public struct ServerAdvertisement: Sendable, Hashable {
    /// 0, 1 or 2.
    public let version: Int
    /// Each capability with its value, empty where it has none: `fetch` -> `shallow filter`, `agent` -> `git/2.39`.
    public let capabilities: [String: String]
    /// All that the server has; empty in version 2, where they are asked for.
    public let references: [RemoteReference]

    /// Reads the answer to `GET info/refs?service=git-upload-pack`, or what a server sends first on a stream.
    ///
    /// - Throws: ``GitError`` of class `unsupported` for SHA-256 repositories, of class `protocol` for anything else.
    public init(_ bytes: [UInt8]) throws(GitError) {
        guard !bytes.isEmpty else { throw GitError(.protocol, "talk to the server", "its answer is empty") }
        try self.init(try PacketReader.packets(of: bytes))
    }

    init(_ packets: [Packet]) throws(GitError) {
        var packets = packets[...]
        if let first = packets.first {
            try first.refusal()
            if first.text?.hasPrefix("# service=") == true {
                packets.removeFirst()
                if packets.first == .flush { packets.removeFirst() }
            }
        }
        guard let first = packets.first else {
            throw GitError(.protocol, "talk to the server", "it announces no version of Git's protocol")
        }
        try first.refusal()
        switch first.text {
        case "version 2": (version, capabilities, references) = (2, Self.commands(packets.dropFirst()), [])
        case "version 1":
            version = 1
            (capabilities, references) = try Self.listing(packets.dropFirst())
        default:
            version = 0
            (capabilities, references) = try Self.listing(packets)
        }
        try check()
    }

    private func check() throws(GitError) {
        guard version < 2 || (capabilities["ls-refs"] != nil && capabilities["fetch"] != nil) else {
            throw GitError(.protocol, "talk to the server", "it offers no ls-refs and fetch")
        }
        if let format = capabilities["object-format"], format != "sha1" {
            let reason = "its repository names objects by \(format.prefix(16)); only sha1 is supported"
            throw GitError(.unsupported, "talk to the server", reason)
        }
    }

    private static func commands(_ packets: ArraySlice<Packet>) -> [String: String] {
        var capabilities: [String: String] = [:]
        for packet in packets {
            guard let line = packet.text else { break }
            add(line[...], to: &capabilities)
        }
        return capabilities
    }

    private static func add(_ word: Substring, to capabilities: inout [String: String]) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        capabilities[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
    }

    /// Lines of a name and a reference, the first with all capabilities behind a NUL; an empty repository has one line that names
    /// no reference, or none at all.
    private static func listing(_ packets: ArraySlice<Packet>) throws(GitError) -> ([String: String], [RemoteReference]) {
        var capabilities: [String: String] = [:]
        var targets: [String: String] = [:]
        var references: [RemoteReference] = []
        for (number, packet) in packets.enumerated() {
            try packet.refusal()
            guard var line = packet.text else {
                guard packet == .flush else { break }
                return (capabilities, references)
            }
            if number == 0, let end = line.firstIndex(of: "\0") {
                for word in line[line.index(after: end)...].split(separator: " ") {
                    add(word, to: &capabilities)
                    guard word.hasPrefix("symref=") else { continue }
                    let link = word.dropFirst("symref=".count).split(separator: ":", maxSplits: 1)
                    if link.count == 2 { targets[String(link[0])] = String(link[1]) }
                }
                line = String(line[..<end])
            }
            let words = line.split(separator: " ", maxSplits: 1)
            // A repository that is shallow itself says so in lines of their own.
            if words.first == "shallow" { continue }
            guard words.count == 2, let id = ObjectID(hex: words[0]) else {
                throw GitError(.protocol, "talk to the server", "its first answer is not in Git's format")
            }
            let name = String(words[1])
            guard name != "capabilities^{}", !name.hasSuffix("^{}") else { continue }
            references.append(RemoteReference(name: name, id: id, target: targets[name]))
        }
        throw GitError(.protocol, "talk to the server", "its list of references has no end")
    }

    /// Whether a command lists a feature: `offers("filter", for: "fetch")`. Before version 2 all features are of fetch.
    public func offers(_ feature: String, for command: String) -> Bool {
        guard version == 2 else { return capabilities[feature] != nil }
        return capabilities[command]?.split(separator: " ").contains { $0 == feature } ?? false
    }

    /// The packets with which each command of version 2 begins, up to the delimiter.
    func prologue(of command: String) -> [Packet] {
        var packets = [Packet.line("command=\(command)")]
        if capabilities["agent"] != nil { packets.append(.line("agent=generic-executor-service")) }
        if capabilities["object-format"] != nil { packets.append(.line("object-format=sha1")) }
        return packets + [.delimiter]
    }
}
