/// Reads the answer to a ``FetchRequest`` as it comes: lines about history, then the pack in side-band packets.
///
/// In version 2 the lines are in sections with a name each; before, a list of shallow commits ends with a flush and is followed by
/// one line that says which of our commits counts.
public struct FetchResponse: Sendable {
    private enum Section: Sendable, Hashable {
        /// Before the first section, and between two.
        case none
        case acknowledgments
        case shallowInfo
        case packfile
        case unknown
        case end
    }

    private let isSectioned: Bool
    private var reader: PacketReader
    private var section: Section
    /// Commits of this answer that come without their parents.
    public private(set) var shallow: [ObjectID] = []
    /// Commits that we said to hold without parents, and whose parents are within the depth that was asked for.
    public private(set) var unshallow: [ObjectID] = []
    /// Whether all that is said of history has been read.
    public private(set) var hasReachedPack = false

    /// - Parameter version: the protocol's; before version 2, of a request that has a depth.
    public init(version: Int = 2) {
        reader = PacketReader(maximumCount: 10_000_000)
        isSectioned = version == 2
        section = isSectioned ? .none : .shallowInfo
    }

    /// Takes the next bytes of the answer and hands on those of the pack.
    public mutating func read(
        _ bytes: some Sequence<UInt8>,
        pack: (UnsafeRawBufferPointer) throws(GitError) -> Void
    ) throws(GitError) {
        reader.append(bytes)
        while let packet = try reader.next() { try take(packet, pack) }
    }

    /// Whether the answer is complete: nothing follows, also where the server leaves the connection open.
    public var isComplete: Bool { section == .end }

    /// Says that no more bytes come.
    ///
    /// - Throws: ``GitError`` of class `protocol` if the answer is not complete.
    public func finish() throws(GitError) {
        guard section == .end, hasReachedPack, !reader.isInsidePacket else {
            throw GitError(.protocol, "fetch", "the server's answer broke off")
        }
    }

    private mutating func take(_ packet: Packet, _ pack: (UnsafeRawBufferPointer) throws(GitError) -> Void) throws(GitError) {
        switch (section, packet) {
        case (.end, _): throw GitError(.protocol, "fetch", "the server's answer goes on after its end")
        case (.packfile, .data(let bytes)): try takeSideBand(bytes, pack)
        case (.shallowInfo, .flush) where !isSectioned:
            section = .acknowledgments
            hasReachedPack = true
        case (_, .flush), (_, .responseEnd): section = .end
        case (.packfile, .delimiter): throw GitError(.protocol, "fetch", "the pack is followed by another section")
        case (_, .delimiter): section = .none
        case (_, .data):
            try packet.refusal()
            try takeLine(packet.text ?? "")
        }
    }

    private mutating func takeLine(_ line: String) throws(GitError) {
        switch section {
        case .none:
            switch line {
            case "acknowledgments": section = .acknowledgments
            case "shallow-info": section = .shallowInfo
            case "packfile":
                section = .packfile
                hasReachedPack = true
            // Sections come with features that we do not ask for; a newer server's additions are passed over.
            default: section = .unknown
            }
        case .shallowInfo:
            let words = line.split(separator: " ")
            guard words.count == 2, let id = ObjectID(hex: words[1]) else {
                throw GitError(.protocol, "fetch", "a line about shallow commits is wrong")
            }
            switch words[0] {
            case "shallow": shallow.append(id)
            case "unshallow": unshallow.append(id)
            default: throw GitError(.protocol, "fetch", "a line about shallow commits is wrong")
            }
        case .acknowledgments where !isSectioned:
            guard line == "NAK" || line.hasPrefix("ACK ") else {
                throw GitError(.protocol, "fetch", "the server's answer has neither ACK nor NAK")
            }
            section = .packfile
        case .acknowledgments, .unknown, .packfile, .end: break
        }
    }

    /// Band 1 is the pack, 2 progress for people, 3 the server's last words.
    private mutating func takeSideBand(
        _ bytes: [UInt8],
        _ pack: (UnsafeRawBufferPointer) throws(GitError) -> Void
    ) throws(GitError) {
        switch bytes.first {
        case 1:
            let result = bytes.withUnsafeBytes { buffer in
                Result { () throws(GitError) in try pack(UnsafeRawBufferPointer(rebasing: buffer.dropFirst())) }
            }
            try result.get()
        case 2: break
        case 3: throw GitError.said(byServer: String(decoding: bytes.dropFirst(), as: UTF8.self))
        default: throw GitError(.protocol, "fetch", "the server's answer uses an unknown side band")
        }
    }
}
