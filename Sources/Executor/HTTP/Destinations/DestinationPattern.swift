import Curl

/// One entry of `HTTP_ALLOW` or `HTTP_DENY`: a host name, a glob, an address or a network, each perhaps with a port.
///
/// Names and globs are compared with the host in the URL, addresses and networks with the address that is connected to.
public struct DestinationPattern: Sendable, Hashable, CustomStringConvertible {
    private enum Place: Hashable {
        case everything
        case name(Glob)
        case network(NetworkAddress, prefix: Int)
    }

    public let description: String
    private let place: Place
    /// nil: any.
    let port: Int?

    /// - Parameter text: `*`, `example.com`, `*.example.com`, `10.0.0.1`, `10.0.0.0/8`, `fd00::/8`, each perhaps with `:PORT`, where
    ///   IPv6 stands in brackets.
    /// - Returns: nil for what is none of these; `10.*`, say, which could not hold what it seems to promise.
    public init?(_ text: String) {
        guard let (host, port) = Self.parts(of: text) else { return nil }
        if host == "*" {
            place = .everything
        } else if let (network, prefix) = Self.network(host) {
            place = .network(network, prefix: prefix)
        } else if let name = Self.name(host) {
            place = .name(Glob(name))
        } else {
            return nil
        }
        self.port = port
        description = text
    }

    /// Whether it is about addresses, so that a name alone says nothing.
    var needsAddress: Bool { if case .network = place { true } else { false } }

    func matches(host: String, port: Int) -> Bool {
        guard self.port == nil || self.port == port else { return false }
        return switch place {
        case .everything: true
        case .name(let glob): glob.matches(host)
        case .network: false
        }
    }

    func matches(_ address: NetworkAddress, port: Int) -> Bool {
        guard self.port == nil || self.port == port, case .network(let network, let prefix) = place else { return false }
        return address.isWithin(network, prefix: prefix)
    }

    /// Host and port; more than one colon without brackets is IPv6 without a port.
    private static func parts(of text: String) -> (host: Substring, port: Int?)? {
        let host: Substring
        let rest: Substring
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = text[..<end].dropFirst()
            rest = text[end...].dropFirst()
            guard host.contains(":") else { return nil }
        } else if text.filter({ $0 == ":" }).count > 1 {
            (host, rest) = (text[...], "")
        } else {
            host = text.prefix { $0 != ":" }
            rest = text[host.endIndex...]
        }
        if rest.isEmpty { return (host, nil) }
        guard rest.hasPrefix(":"), let port = Int(rest.dropFirst()), (1...65_535).contains(port) else { return nil }
        return (host, port)
    }

    private static func network(_ text: Substring) -> (NetworkAddress, prefix: Int)? {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard !text.contains("%"), let address = NetworkAddress(String(parts[0])) else { return nil }
        let bits = address.bytes.count * 8
        guard parts.count == 2 else { return (address, bits) }
        // An IPv4 address that is written as IPv6 has its bits behind 96 others.
        let others = address.isIPv4 && parts[0].contains(":") ? 96 : 0
        guard let prefix = Int(parts[1]), (others...others + bits).contains(prefix) else { return nil }
        return (address, prefix - others)
    }

    /// A name in the spelling in which hosts are compared.
    private static func name(_ text: Substring) -> String? {
        let text = text.hasSuffix(".") ? text.dropLast() : text
        var labels: [String] = []
        for label in text.lowercased().split(separator: ".", omittingEmptySubsequences: false) {
            guard !label.isEmpty else { return nil }
            if label.utf8.allSatisfy({ $0 < 0x80 }) {
                labels.append(String(label))
            } else {
                guard let name = try? HTTPURL("http://\(label)/").name else { return nil }
                labels.append(name)
            }
        }
        let isName = labels.joined().utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            default: "-_*?".utf8.contains(byte)
            }
        }
        // What ends in a number is an address, if in a strange spelling.
        let looksLikeAddress =
            labels.allSatisfy { $0.allSatisfy { $0.isNumber || $0 == "*" || $0 == "?" } }
            || labels.last.map { $0.allSatisfy(\.isNumber) || $0.hasPrefix("0x") } ?? true
        return isName && !looksLikeAddress ? labels.joined(separator: ".") : nil
    }
}
