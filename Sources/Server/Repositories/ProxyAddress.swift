import Basics

/// A proxy, with user and password where it wants them. Printing one shows neither.
struct ProxyAddress: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    private let scheme: String
    /// As it stands in a URL: percent-encoded.
    private var userInfo: String?
    /// With its port.
    private let host: String

    /// What libcurl can go through.
    private static let schemes = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"]

    /// - Parameter text: `host:port` or a URL; user and password in it stand percent-encoded.
    /// - Returns: nil for what is neither.
    init?(_ text: String) {
        let url = text.contains("://") ? text : "http://\(text)"
        guard let range = url.firstRange(of: "://") else { return nil }
        scheme = url[..<range.lowerBound].lowercased()
        // What follows the port means nothing to a proxy.
        let authority = url[range.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let at = authority.lastIndex(of: "@")
        host = String(at.map { authority[authority.index(after: $0)...] } ?? authority)
        userInfo = at.map { String(authority[..<$0]) }
        guard Self.schemes.contains(scheme), Self.isHostAndPort(host) else { return nil }
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
    }

    /// In parts, as Keptn keeps it: http or https.
    init?(_ address: String, scheme: String?, user: String?, password: String?) {
        self.init(address.contains("://") ? address : "\(scheme ?? "http")://\(address)")
        guard ["http", "https"].contains(self.scheme) else { return nil }
        if user != nil || password != nil {
            userInfo = "\(PercentEncoding.encode(user ?? "")):\(PercentEncoding.encode(password ?? ""))"
        }
    }

    private static func isHostAndPort(_ text: String) -> Bool {
        let end =
            text.hasPrefix("[")
            ? text.firstIndex(of: "]").map(text.index(after:)) : text.firstIndex { $0 == ":" } ?? text.endIndex
        guard let end, !["", "[]"].contains(text[..<end]) else { return false }
        let rest = text[end...]
        return rest.isEmpty || rest.hasPrefix(":") && Int(rest.dropFirst()).map { (1...65_535).contains($0) } == true
    }

    /// As libcurl takes it: `http://user:password@proxy.example:3128`.
    var url: String { "\(scheme)://\(userInfo.map { "\($0)@" } ?? "")\(host)" }

    /// All spellings in which its password could be seen.
    var secrets: [String] {
        guard let userInfo else { return [] }
        let parts = userInfo.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map {
            PercentEncoding.decode($0) ?? String($0)
        }
        return [userInfo] + (parts.count == 2 ? MaskedForms.of(user: parts[0], password: parts[1]) : [])
    }

    /// Without user and password.
    var description: String { "\(scheme)://\(host)" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
