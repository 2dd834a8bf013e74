import Curl

/// The server that a remote is on: what a credential may be told to.
struct RemoteServer: Sendable, Hashable, CustomStringConvertible {
    /// `https`, `http`, `ssh` or `git`.
    let scheme: String
    /// In lower case.
    let host: String
    let port: Int

    private static let usualPorts = ["https": 443, "http": 80, "ssh": 22, "git": 9_418]

    /// - Returns: nil for a repository of this machine, and for what is no address.
    init?(_ remote: String) {
        guard let range = remote.firstRange(of: "://") else {
            // user@host:path, as ssh has it.
            let authority = remote.prefix { $0 != "/" }
            guard authority.contains(":"), authority.contains("[") || !remote.contains("::") else { return nil }
            self.init("ssh", Self.name(in: Self.place(in: authority)), nil)
            return
        }
        let authority = remote[range.upperBound...].prefix { $0 != "/" }
        switch remote[..<range.lowerBound].lowercased() {
        case "http", "https":
            guard let url = try? HTTPURL(remote) else { return nil }
            self.init(url.scheme, url.host, "\(url.port)")
        case "ssh", "git+ssh", "ssh+git": self.init("ssh", authority: authority)
        case "git": self.init("git", authority: authority)
        default: return nil
        }
    }

    private init?(_ scheme: String, authority: Substring) {
        let place = Self.place(in: authority)
        let name = Self.name(in: place)
        let port = place.dropFirst(name.count)
        guard port.isEmpty || port.hasPrefix(":") else { return nil }
        self.init(scheme, name, port.count > 1 ? String(port.dropFirst()) : nil)
    }

    private init?(_ scheme: String, _ host: String, _ port: String?) {
        let port = port.map { Int($0) ?? 0 } ?? Self.usualPorts[scheme] ?? 0
        guard !host.isEmpty, host != "[]", (1...65_535).contains(port) else { return nil }
        self.scheme = scheme
        self.host = host.lowercased()
        self.port = port
    }

    /// Without the user.
    private static func place(in authority: Substring) -> Substring {
        authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
    }

    /// Without the port, or the path of ssh's short form.
    private static func name(in place: Substring) -> String {
        place.hasPrefix("[") ? place.prefix { $0 != "]" } + "]" : String(place.prefix { $0 != ":" })
    }

    var isHTTP: Bool { scheme == "https" || scheme == "http" }

    var description: String { "\(scheme)://\(host)\(port == Self.usualPorts[scheme] ? "" : ":\(port)")" }
}
