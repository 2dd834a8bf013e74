public import Glibc

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

    /// - Parameter address: a `sockaddr` of any family.
    init?(_ address: UnsafeRawPointer, length: Int) {
        guard length >= MemoryLayout<sa_family_t>.size else { return nil }
        switch Int32(address.loadUnaligned(as: sa_family_t.self)) {
        case AF_INET where length >= MemoryLayout<sockaddr_in>.size:
            let peer = address.loadUnaligned(as: sockaddr_in.self).sin_addr
            self.init(withUnsafeBytes(of: peer) { Array($0) })
        case AF_INET6 where length >= MemoryLayout<sockaddr_in6>.size:
            let peer = address.loadUnaligned(as: sockaddr_in6.self).sin6_addr
            self.init(withUnsafeBytes(of: peer) { Array($0) })
        default: return nil
        }
    }

    /// - Parameter address: a `sockaddr`, as long as its family says.
    public init?(_ address: UnsafePointer<sockaddr>) {
        let length =
            Int32(address.pointee.sa_family) == AF_INET6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
        self.init(UnsafeRawPointer(address), length: length)
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
    /// 6to4 (RFC 3056), and of the two older forms of it (RFC 4291, section 2.5.5.1, and RFC 2765).
    public var destinations: [NetworkAddress] {
        if bytes.allSatisfy({ $0 == 0 }) {
            return [self, isIPv4 ? NetworkAddress([127, 0, 0, 1]) : NetworkAddress(Array(repeating: 0, count: 15) + [1])]
        }
        guard !isIPv4 else { return [self] }
        let inner: ArraySlice<UInt8>
        if bytes.starts(with: [0x20, 0x02]) {
            inner = bytes[2..<6]
        } else if bytes.starts(with: [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0])
            || bytes.starts(with: [0, 0x64, 0xFF, 0x9B, 0, 1]) || bytes.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0])
            || bytes.starts(with: Array(repeating: 0, count: 12)) && bytes[12...] != [0, 0, 0, 1]
        {
            inner = bytes[12...]
        } else {
            return [self]
        }
        return [self] + NetworkAddress(inner).destinations
    }

    public var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(isIPv4 ? AF_INET : AF_INET6, bytes, &text, socklen_t(text.count)) != nil else { return "?" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
