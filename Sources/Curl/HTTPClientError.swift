/// A request that had no complete answer. An answer of whatever status is no error.
public struct HTTPClientError: Error, Hashable, CustomStringConvertible {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The host's name has no address, or nobody could say.
        case dns
        /// No connection, or it broke.
        case connect
        case tls
        /// The deadline passed, or the transfer was slower than allowed.
        case timeout
        /// The server's answer is not HTTP.
        case `protocol`
        /// The connection ended before all of the answer had come.
        case incomplete
        case proxy
        /// The body or the headers are longer than the limit.
        case tooLarge
        /// Too many redirects, or one that must not be followed.
        case redirect
        /// The request's own check does not let it go there; nothing was sent there.
        case destination
        /// The caller's task was cancelled.
        case cancelled
        /// The receiver of the body ended the transfer.
        case stopped
        case invalidURL
        /// Method, header or option that cannot be sent; nothing was sent.
        case invalidRequest
        case other
    }

    public let kind: Kind
    /// Why not, and the remedy where there is one.
    public let reason: String
    /// The request's method, and its URL without user information and query; nil where the URL was not valid.
    public private(set) var method: String?
    public private(set) var url: String?

    init(_ kind: Kind, _ reason: String) {
        self.kind = kind
        self.reason = reason
    }

    /// The same error with what was asked for.
    func of(_ method: String, _ url: HTTPURL) -> HTTPClientError {
        var error = self
        error.method = method
        error.url = url.description
        return error
    }

    /// One sentence without secrets: `POST https://host/path failed: ...`.
    public var description: String {
        guard let method, let url else { return "the HTTP request failed: \(reason)" }
        return "\(method) \(url) failed: \(reason)"
    }
}
