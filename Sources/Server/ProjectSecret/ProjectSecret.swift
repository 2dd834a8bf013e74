import Curl

/// What one of Keptn's own secrets, `git-credentials-<project>`, says about a project's upstream repository.
///
/// Keptn has written it in three ways: flat with `remoteURI` (0.6 to 0.13), flat with more keys for ssh and proxies (0.14 to 0.16),
/// and with objects for https and ssh (from 0.17 on). Printing one shows nothing of it.
struct ProjectSecret: Sendable, Hashable {
    /// As it is written there; nil: the project has no upstream.
    var remote: String?
    /// Empty where nobody named a user.
    var user = ""
    var token: String?
    /// PEM, ready for ssh.
    var privateKey: String?
    var passphrase: String?
    /// PEM: the authorities that the server's certificate may come from.
    var certificate: String?
    var proxy: ProxyAddress?
    /// Whoever wrote it wants certificates not to be looked at, which we do not do.
    var skipsVerification = false

    /// The name that Keptn sends where there is none: servers that know the token ask for some user.
    static let defaultUser = "keptnuser"

    var credentials: BasicCredentials? {
        token.map { BasicCredentials(user: user.isEmpty ? Self.defaultUser : user, password: $0) }
    }
}

extension ProjectSecret: CustomStringConvertible, CustomReflectable {
    var description: String { "***" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
