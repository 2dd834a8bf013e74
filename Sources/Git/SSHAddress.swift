/// A repository behind ssh. Its parts are checked: none of them can become an option of a program.
public struct SSHAddress: Sendable, Hashable {
    public let user: String?
    public let host: String
    /// nil: ssh's own configuration says, which is 22 without one.
    public let port: Int?
    /// As the server's shell gets it: absolute, or relative to the user's home.
    public let path: String
}

extension SSHAddress: CustomStringConvertible {
    public var description: String {
        let authority = (user.map { "\($0)@" } ?? "") + (host.contains(":") ? "[\(host)]" : host)
        let root = path.hasPrefix("/") ? "" : path.hasPrefix("~") ? "/" : "/~/"
        return "ssh://\(authority)\(port.map { ":\($0)" } ?? "")\(root)\(path)"
    }
}
