import Basics
public import Curl
import Glibc

/// Where a repository is: parsed and checked, with user and password taken out.
public struct RemoteURL: Sendable, Hashable {
    public enum Place: Sendable, Hashable {
        /// The absolute path of a repository on this machine.
        case local(path: String)
        /// Without a slash at its end.
        case http(HTTPURL)
        case ssh(SSHAddress)
        case daemon(DaemonAddress)
    }

    public let place: Place
    /// The user information that stood in the URL; nil where there was none.
    public let credentials: BasicCredentials?

    /// - Throws: ``GitError`` of class `unsupported`, which says what works instead and never shows the text: that may hold a
    ///   password.
    public init(_ text: String) throws(GitError) {
        guard !text.isEmpty else { throw Self.refusal("it is empty") }
        guard text.utf8.count <= 4_096 else { throw Self.refusal("it is longer than 4,096 bytes") }
        guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
            throw Self.refusal("it holds a control character")
        }
        guard !text.hasPrefix("-") else { throw Self.refusal("it begins with '-'") }
        if let range = text.firstRange(of: "://") {
            switch text[..<range.lowerBound].lowercased() {
            case "http", "https": try self.init(http: text)
            case "file": try self.init(filePath: text[range.upperBound...])
            case "ssh", "git+ssh", "ssh+git": try self.init(ssh: text[range.upperBound...])
            case "git": try self.init(daemon: text[range.upperBound...])
            default: throw Self.refusal("its scheme is unknown; use https://, ssh://, git://, file:// or a path")
            }
        } else if let range = text.firstRange(of: "::"), text[..<range.lowerBound].allSatisfy({ $0.isLetter || $0.isNumber }) {
            throw Self.refusal("remote helpers (name::address) are not run; use https://, ssh://, git://, file:// or a path")
        } else if let colon = Self.colonOfSCP(text) {
            try self.init(scp: text[..<colon], path: text[text.index(after: colon)...])
        } else {
            self.init(localPath: text)
        }
    }

    private init(localPath: String) {
        place = .local(path: localPath.hasPrefix("/") ? localPath : Self.absolute(localPath))
        credentials = nil
    }

    private init(filePath rest: Substring) throws(GitError) {
        let path = rest.hasPrefix("localhost/") ? rest.dropFirst("localhost".count) : rest
        guard path.hasPrefix("/") else { throw Self.refusal("file:// takes an absolute path and no host") }
        guard let decoded = PercentEncoding.decode(path), !decoded.utf8.contains(0) else {
            throw Self.refusal("the path after file:// holds a wrong % escape")
        }
        self.init(localPath: decoded)
    }

    private init(ssh rest: Substring) throws(GitError) {
        let (authority, path) = try Self.split(rest)
        // `/~user/x` means a home directory, which the server's shell finds; `/~/x` is the login's own.
        let remotePath = path.hasPrefix("/~/") ? path.dropFirst(3) : path.hasPrefix("/~") ? path.dropFirst() : path[...]
        try self.init(authority, sshPath: remotePath)
    }

    /// `user@host:path`, as scp has it.
    private init(scp authority: Substring, path: Substring) throws(GitError) {
        guard let authority = URLAuthority(authority), authority.port == nil else {
            throw Self.refusal("its user or host is not valid")
        }
        guard authority.user != nil else { throw Self.refusal("it names no user; write user@host:path or ssh://host/path") }
        try self.init(authority, sshPath: path)
    }

    private init(_ authority: URLAuthority, sshPath path: Substring) throws(GitError) {
        guard !path.isEmpty, path != "/" else { throw Self.refusal("it names no repository") }
        guard !path.hasPrefix("-") else { throw Self.refusal("its path begins with '-'") }
        place = .ssh(SSHAddress(user: authority.user, host: authority.host, port: authority.port, path: String(path)))
        credentials = nil
    }

    private init(daemon rest: Substring) throws(GitError) {
        let (authority, path) = try Self.split(rest)
        guard authority.user == nil else { throw Self.refusal("git:// knows no users") }
        guard path != "/" else { throw Self.refusal("it names no repository") }
        let port = authority.port ?? DaemonAddress.standardPort
        place = .daemon(DaemonAddress(host: authority.host, port: port, path: path))
        credentials = nil
    }

    private static func split(_ rest: Substring) throws(GitError) -> (authority: URLAuthority, path: String) {
        let name = rest.prefix { $0 != "/" }
        guard let authority = URLAuthority(name) else { throw refusal("its user, host or port is not valid") }
        guard let path = PercentEncoding.decode(rest.dropFirst(name.count)), path.hasPrefix("/") else {
            throw refusal("its path is missing or holds a wrong % escape")
        }
        guard !path.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
            throw refusal("its path holds a control character")
        }
        return (authority, path)
    }

    /// The colon that parts host and path in `user@host:path`; nil for a path: there a slash comes first.
    private static func colonOfSCP(_ text: String) -> String.Index? {
        let start = text.firstIndex(of: "[").flatMap { text[$0...].firstIndex(of: "]") } ?? text.startIndex
        guard let colon = text[start...].firstIndex(of: ":"), !text[..<colon].contains("/") else { return nil }
        return colon
    }

    private init(http text: String) throws(GitError) {
        guard !text.contains("?"), !text.contains("#") else { throw Self.refusal("it holds '?' or '#'") }
        do {
            place = .http(try HTTPURL(String(text.trimmingSuffix("/"))))
            credentials = try HTTPURL(text).credentials
        } catch {
            throw Self.refusal(error.reason)
        }
    }

    private static func refusal(_ reason: String) -> GitError { GitError(.unsupported, "use the remote's address", reason) }

    private static func absolute(_ path: String) -> String {
        guard let current = getcwd(nil, 0) else { return path }
        defer { free(current) }
        return "\(String(cString: current))/\(path)"
    }
}

extension RemoteURL: CustomStringConvertible {
    /// The address without user and password: safe to print and to store.
    public var description: String {
        switch place {
        case .local(let path): path
        case .http(let url): url.description
        case .ssh(let address): address.description
        case .daemon(let address): address.description
        }
    }
}

extension StringProtocol {
    fileprivate func trimmingSuffix(_ character: Character) -> SubSequence {
        self[..<(lastIndex { $0 != character }.map(index(after:)) ?? startIndex)]
    }
}
