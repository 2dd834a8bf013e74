import Glibc

/// An address of IPv4 or IPv6. `::ffff:10.0.0.1` is the IPv4 address 10.0.0.1: a connection to either is the same one.
public struct NetworkAddress: Sendable, Hashable, CustomStringConvertible {
    /// 4 or 16 of them.
    public let bytes: [UInt8]

    private static let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]

    private init(_ bytes: some Collection<UInt8>) {
        self.bytes = bytes.starts(with: Self.mapped) ? Array(bytes.dropFirst(12)) : Array(bytes)
    }

    /// - Parameter text: four decimal numbers, or IPv6, perhaps with a zone (`fe80::1%eth0`), which is passed over.
    public init?(_ text: String) {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 {
            self.init(bytes.prefix(4))
        } else {
            guard inet_pton(AF_INET6, String(text.prefix { $0 != "%" }), &bytes) == 1 else { return nil }
            self.init(bytes)
        }
    }

    /// Which module has the types of socket addresses depends on how the compiler was called: they are read as the kernel lays them
    /// out (ip(7), ipv6(7)).
    private enum Layout {
        static let ipv4 = (size: 16, address: 4..<8)
        static let ipv6 = (size: 28, address: 8..<24)
    }

    /// - Parameters:
    ///   - address: a `sockaddr` of any family.
    ///   - length: how much of it there is.
    init?(_ address: UnsafeRawPointer, length: Int) {
        guard length >= MemoryLayout<UInt16>.size else { return nil }
        let bytes = UnsafeRawBufferPointer(start: address, count: length)
        switch Int32(address.loadUnaligned(as: UInt16.self)) {
        case AF_INET where length >= Layout.ipv4.size: self.init(bytes[Layout.ipv4.address])
        case AF_INET6 where length >= Layout.ipv6.size: self.init(bytes[Layout.ipv6.address])
        default: return nil
        }
    }

    /// - Parameter address: a `sockaddr`, as long as its family says.
    public init?(socketAddress address: UnsafeRawPointer) {
        let isIPv6 = Int32(address.loadUnaligned(as: UInt16.self)) == AF_INET6
        self.init(address, length: isIPv6 ? Layout.ipv6.size : Layout.ipv4.size)
    }

    public var isIPv4: Bool { bytes.count == 4 }

    /// Whether the first bits are those of `network`. No IPv4 address is in a network of IPv6.
    public func isWithin(_ network: NetworkAddress, prefix: Int) -> Bool {
        guard bytes.count == network.bytes.count else { return false }
        let whole = min(prefix / 8, bytes.count)
        guard bytes.prefix(whole) == network.bytes.prefix(whole) else { return false }
        guard whole < bytes.count, prefix % 8 > 0 else { return true }
        return (bytes[whole] ^ network.bytes[whole]) >> (8 - prefix % 8) == 0
    }

    /// The addresses where what is sent here may arrive: this one, and those that it carries within.
    ///
    /// Linux takes 0.0.0.0 for 127.0.0.1, and `::` for `::1`. Gateways find the IPv4 address in those of NAT64 (RFC 6052 and 8215),
    /// 6to4 (RFC 3056), and of the two older forms of it (RFC 4291, section 2.5.5.1, and RFC 2765). In the network of RFC 8215 the
    /// operator chooses where it stands.
    public var destinations: [NetworkAddress] {
        if bytes.allSatisfy({ $0 == 0 }) {
            return [self, isIPv4 ? NetworkAddress([127, 0, 0, 1]) : NetworkAddress(Array(repeating: 0, count: 15) + [1])]
        }
        guard !isIPv4 else { return [self] }
        let inner: ArraySlice<UInt8>
        if bytes.starts(with: [0x20, 0x02]) {
            inner = bytes[2..<6]
        } else if bytes.starts(with: [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0])
            || bytes.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0])
            || bytes.starts(with: Array(repeating: 0, count: 12)) && bytes[12...] != [0, 0, 0, 1]
        {
            inner = bytes[12...]
        } else if bytes.starts(with: [0, 0x64, 0xFF, 0x9B, 0, 1]) {
            return [self] + Self.translated(bytes)
        } else {
            return [self]
        }
        return [self] + NetworkAddress(inner).destinations
    }

    /// All that may be meant by an address of NAT64 whose network has 96, 64, 56 or 48 bits: in the latter three, byte 8 is none of it
    /// (RFC 6052, section 2.2).
    private static func translated(_ bytes: [UInt8]) -> [NetworkAddress] {
        let last = NetworkAddress(bytes[12...]).destinations
        // What is empty elsewhere is a place that is not used.
        let others = [[9, 10, 11, 12], [7, 9, 10, 11], [6, 7, 9, 10]].map { NetworkAddress($0.map { bytes[$0] }) }
            .filter { address in address.bytes.contains { $0 != 0 } && !last.contains(address) }
        return last + others
    }

    public var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(isIPv4 ? AF_INET : AF_INET6, bytes, &text, socklen_t(text.count)) != nil else { return "?" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
