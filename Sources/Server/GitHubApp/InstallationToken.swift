/// A token for an installation of a GitHub App. Printing one shows nothing of it.
struct InstallationToken: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    let text: String
    /// Seconds since 1970.
    let expires: Int64

    var description: String { "***" }
    var customMirror: Mirror { Mirror(self, children: []) }

    /// How long before its end a token is renewed: longer than the longest fetch.
    static let margin: Int64 = 600
    /// How long after a failed renewal the next one is tried, while there is a token that is valid.
    static let pause: Int64 = 30

    /// What to do with what is held.
    enum Step: Sendable, Hashable {
        case use
        /// Use it, and get a new one meanwhile.
        case renewAhead
        /// There is none, or it has ended.
        case wait
    }

    /// - Parameters:
    ///   - now: seconds since 1970.
    ///   - failed: when the last renewal failed; nil if it did not.
    static func step(_ token: InstallationToken?, now: Int64, failed: Int64?) -> Step {
        // A token that ends while the repository is asked is of no use.
        guard let token, now < token.expires - 5 else { return .wait }
        if now < token.expires - margin { return .use }
        return failed.map { now < $0 + pause } == true ? .use : .renewAhead
    }
}
