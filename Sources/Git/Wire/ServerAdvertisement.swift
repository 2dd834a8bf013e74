/// What a server of protocol version 2 says about itself at first contact (gitprotocol-v2, "Initial Client Request").
public struct ServerAdvertisement: Sendable, Hashable {
    /// Each capability with its value, empty where it has none: `fetch` -> `shallow filter`.
    public let capabilities: [String: String]

    /// Reads the answer to `GET info/refs?service=git-upload-pack`, or what a server sends first on a stream.
    ///
    /// - Throws: ``GitError`` of class `unsupported` for a server of version 0 or 1 and for SHA-256 repositories.
    public init(_ bytes: [UInt8]) throws(GitError) {
        guard !bytes.isEmpty else { throw GitError(.protocol, "talk to the server", "its answer is empty") }
        var packets = try PacketReader.packets(of: bytes)[...]
        if let first = packets.first {
            try first.refusal()
            if first.text?.hasPrefix("# service=") == true {
                packets.removeFirst()
                if packets.first == .flush { packets.removeFirst() }
            }
        }
        guard let version = packets.popFirst() else {
            throw GitError(.protocol, "talk to the server", "it announces no version of Git's protocol")
        }
        try version.refusal()
        guard version.text == "version 2" else {
            throw GitError(
                .unsupported,
                "talk to the server",
                "it does not speak version 2 of Git's protocol, which is needed; Git servers from 2.18 on do"
            )
        }
        var capabilities: [String: String] = [:]
        for packet in packets {
            guard let line = packet.text else { break }
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            capabilities[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
        }
        self.capabilities = capabilities
        guard capabilities["ls-refs"] != nil, capabilities["fetch"] != nil else {
            throw GitError(.protocol, "talk to the server", "it offers no ls-refs and fetch")
        }
        if let format = capabilities["object-format"], format != "sha1" {
            let reason = "its repository names objects by \(format.prefix(16)); only sha1 is supported"
            throw GitError(.unsupported, "talk to the server", reason)
        }
    }

    /// Whether a command lists a feature: `offers("filter", for: "fetch")`.
    public func offers(_ feature: String, for command: String) -> Bool {
        capabilities[command]?.split(separator: " ").contains { $0 == feature } ?? false
    }

    /// The packets with which each command begins, up to the delimiter.
    func prologue(of command: String) -> [Packet] {
        var packets = [Packet.line("command=\(command)")]
        if capabilities["agent"] != nil { packets.append(.line("agent=generic-executor-service")) }
        if capabilities["object-format"] != nil { packets.append(.line("object-format=sha1")) }
        return packets + [.delimiter]
    }
}
