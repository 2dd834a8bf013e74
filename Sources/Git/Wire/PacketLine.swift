/// One unit of Git's pkt-line format (gitprotocol-common): four hexadecimal digits of length, then that many bytes less four.
public enum Packet: Sendable, Hashable {
    case data([UInt8])
    /// `0000`: the end of a message.
    case flush
    /// `0001`: the end of a section (version 2).
    case delimiter
    /// `0002`: the end of a response on a connection that lives on (version 2).
    case responseEnd
}

extension Packet {
    /// The longest packet, its length digits included.
    public static let maximumLength = 65_520

    /// A packet of text, with the line feed that ends it.
    ///
    /// - Precondition: `text` is shorter than ``maximumLength`` less five; all requests are.
    public static func line(_ text: String) -> Packet { .data(Array(text.utf8) + [UInt8(ascii: "\n")]) }

    /// The bytes on the wire.
    public var encoded: [UInt8] {
        switch self {
        case .flush: Array("0000".utf8)
        case .delimiter: Array("0001".utf8)
        case .responseEnd: Array("0002".utf8)
        case .data(let bytes): Self.digits(of: bytes.count + 4) + bytes
        }
    }

    /// The text of a data packet without its line feed; nil for every other kind. Bytes that are no UTF-8 are replaced.
    public var text: String? {
        guard case .data(var bytes) = self else { return nil }
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func digits(of length: Int) -> [UInt8] {
        precondition(length <= maximumLength, "a packet is too long")
        let text = String(length, radix: 16)
        return Array((String(repeating: "0", count: 4 - text.utf8.count) + text).utf8)
    }
}

/// Cuts a stream of bytes, in whatever pieces it comes, into packets.
public struct PacketReader: Sendable {
    private var buffer: [UInt8] = []
    private var position = 0
    /// How many more packets are taken: a server must not make us count for ever.
    private var allowance: Int

    public init(maximumCount: Int = .max) { allowance = maximumCount }

    /// Whether bytes are left that make no whole packet.
    public var isInsidePacket: Bool { position < buffer.count }

    public mutating func append(_ bytes: some Sequence<UInt8>) {
        if position > 0 {
            buffer.removeFirst(position)
            position = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next whole packet, or nil if more bytes are needed.
    public mutating func next() throws(GitError) -> Packet? {
        guard buffer.count - position >= 4 else { return nil }
        var length = 0
        for byte in buffer[position..<position + 4] {
            guard let digit = Character(UnicodeScalar(byte)).hexDigitValue else {
                throw GitError(.protocol, "read the server's answer", "it is not in Git's packet format")
            }
            length = length << 4 | digit
        }
        guard length <= Packet.maximumLength, length != 3 else {
            throw GitError(.protocol, "read the server's answer", "a packet claims a length of \(length)")
        }
        let end = position + max(length, 4)
        guard buffer.count >= end else { return nil }
        guard allowance > 0 else { throw GitError(.protocol, "read the server's answer", "it has too many packets") }
        allowance -= 1
        defer { position = end }
        switch length {
        case 0: return .flush
        case 1: return .delimiter
        case 2: return .responseEnd
        default: return .data(Array(buffer[position + 4..<end]))
        }
    }

    /// All packets of a complete message.
    static func packets(of bytes: [UInt8], maximumCount: Int = 1_000_000) throws(GitError) -> [Packet] {
        var reader = PacketReader(maximumCount: maximumCount)
        reader.append(bytes)
        var packets: [Packet] = []
        while let packet = try reader.next() { packets.append(packet) }
        guard !reader.isInsidePacket else { throw GitError(.protocol, "read the server's answer", "it ends inside a packet") }
        return packets
    }
}
