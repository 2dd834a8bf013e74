import Basics

/// One exchange over a stream: the server speaks first, then gets a request, answers, and closes (gitprotocol-pack, "Git Transport").
struct StreamExchange: Sendable {
    /// Each exchange blocks a thread for as long as the server takes; one that is silent must not hold up the others.
    static let pool = ThreadPool(name: "git-streams", width: 64)

    /// How long a server may be silent within the deadline. One that counts objects sends a few bytes every five seconds.
    private static let silence = Duration.seconds(20)

    let address: String
    let deadline: Deadline
    let request: @Sendable (ServerAdvertisement) throws(GitError) -> [UInt8]?
    let receive: @Sendable (UnsafeRawBufferPointer) -> Bool

    /// Blocks until the answer was received or is needed no more.
    func run(over stream: SocketStream) throws(GitError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        defer { buffer.deallocate() }
        let server = try advertisement(of: stream, buffer)
        // The flush tells a server of version 2 that no other command comes, and an older one that nothing is wanted.
        let flush = Packet.flush.encoded
        guard let body = try request(server) else { return try stream.send(flush, deadline: deadline) }
        try stream.send(server.version == 2 ? body + flush : body, deadline: deadline)
        while true {
            let count = try stream.receive(into: buffer, deadline: next)
            guard count > 0, receive(UnsafeRawBufferPointer(rebasing: buffer[..<count])) else { return }
        }
    }

    private var next: Deadline { min(deadline, .after(Self.silence)) }

    /// All packets up to the first flush.
    private func advertisement(
        of stream: SocketStream,
        _ buffer: UnsafeMutableRawBufferPointer
    ) throws(GitError) -> ServerAdvertisement {
        var reader = PacketReader(maximumCount: 1_000_000)
        var packets: [Packet] = []
        var size = 0
        while true {
            let count = try stream.receive(into: buffer, deadline: next)
            guard count > 0 else {
                // What a server says before it closes may be its reason.
                if let last = packets.last { try last.refusal() }
                throw GitError(.server, "talk to \(address)", "the server closed the connection before it said anything of use")
            }
            size += count
            guard size <= GitRemote.answerLimit else {
                throw GitError(.unsupported, "talk to \(address)", "its list of references is larger than 64 MiB")
            }
            reader.append(buffer[..<count])
            while let packet = try reader.next() {
                packets.append(packet)
                if packet == .flush { return try ServerAdvertisement(packets) }
                try packet.refusal()
            }
        }
    }
}
