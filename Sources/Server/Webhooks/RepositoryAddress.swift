/// Where a repository is, whatever the way to it: host, and path without slashes around it and without `.git`.
///
/// `https://git.example/keptn/shop.git`, `ssh://git@git.example:2222/keptn/shop`, `git@GIT.example:keptn/shop.git` and the page
/// `https://git.example/keptn/shop` are one address.
struct RepositoryAddress: Sendable, Hashable, CustomStringConvertible {
    /// In lower case, without a port; nil where a sender names no host, and then any will do.
    let host: String?
    let path: String

    init(host: String?, path: String) {
        self.host = host
        self.path = path
    }

    /// - Returns: nil for a text that names no host and path: a path of this machine, for example.
    init?(_ text: String) {
        guard text.utf8.count <= 4_096, !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
            return nil
        }
        let authority: Substring
        let path: Substring
        if let scheme = text.firstRange(of: "://") {
            guard Self.schemes.contains(text[..<scheme.lowerBound].lowercased()) else { return nil }
            let rest = text[scheme.upperBound...]
            authority = rest.prefix { $0 != "/" }
            path = rest.dropFirst(authority.count).prefix { $0 != "?" && $0 != "#" }
        } else {
            // As ssh writes it: host:path.
            guard let colon = text.firstIndex(of: ":"), !text[..<colon].contains("/") else { return nil }
            authority = text[..<colon]
            path = text[text.index(after: colon)...]
        }
        let host = Self.host(of: authority)
        let trimmed = Self.trimmed(path)
        guard !host.isEmpty, !trimmed.isEmpty else { return nil }
        self.init(host: host, path: trimmed)
    }

    private static let schemes: Set = ["https", "http", "ssh", "git", "git+ssh", "ssh+git"]

    /// `user:password@HOST:22` and `[::1]:22`, without all that is not the host.
    private static func host(of authority: Substring) -> String {
        let place = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        let host = place.hasPrefix("[") ? place.dropFirst().prefix { $0 != "]" } : place.prefix { $0 != ":" }
        return host.lowercased()
    }

    private static func trimmed(_ path: Substring) -> String {
        func withoutSlashes(_ text: Substring) -> Substring {
            var text = text.drop { $0 == "/" }
            while text.last == "/" { text.removeLast() }
            return text
        }
        let path = withoutSlashes(path)
        return String(path.hasSuffix(".git") ? withoutSlashes(path.dropLast(4)) : path)
    }

    var description: String { (host.map { $0 + "/" } ?? "") + path }

    /// Whether both are the same repository. Forges tell no paths apart that differ only in case.
    func isSame(as other: RepositoryAddress) -> Bool {
        let (path, otherPath) = (path.lowercased(), other.path.lowercased())
        return switch (host, other.host) {
        case (let host?, let otherHost?): host == otherHost && path == otherPath
        case (nil, _): otherPath == path || otherPath.hasSuffix("/" + path)
        case (_, nil): path == otherPath || path.hasSuffix("/" + otherPath)
        }
    }
}
