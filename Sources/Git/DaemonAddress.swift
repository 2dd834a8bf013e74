/// A repository behind `git daemon`.
public struct DaemonAddress: Sendable, Hashable {
    public let host: String
    public let port: Int
    public let path: String

    public static let standardPort = 9418
}

extension DaemonAddress: CustomStringConvertible {
    public var description: String {
        let authority = host.contains(":") ? "[\(host)]" : host
        return "git://\(authority)\(port == Self.standardPort ? "" : ":\(port)")\(path)"
    }
}
