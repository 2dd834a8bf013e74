public import Curl

/// What is needed to reach a remote besides its address. Which parts of it count depends on the address.
public struct RemoteAccess: Sendable, Hashable {
    /// Something that is in a file or is given as its text.
    public enum Material: Sendable, Hashable {
        case file(String)
        case text(String)
    }

    public typealias ClientCertificate = HTTPRequest.ClientCertificate

    /// How `ssh` logs in. Printing one shows nothing of it.
    public struct SSH: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
        /// The private key; nil leaves it to ssh, which looks where it always does.
        public var key: Material?
        public var passphrase: String?
        /// The hosts that are trusted; nil leaves it to ssh: `~/.ssh/known_hosts` and `/etc/ssh/ssh_known_hosts`.
        public var knownHostsFile: String?

        public init(key: Material? = nil, passphrase: String? = nil, knownHostsFile: String? = nil) {
            self.key = key
            self.passphrase = passphrase
            self.knownHostsFile = knownHostsFile
        }

        public var description: String { "***" }
        public var customMirror: Mirror { Mirror(self, children: []) }
    }

    /// http(s): user and token.
    public var credentials: BasicCredentials?
    /// http(s): the certificates that are trusted instead of the system's, in PEM.
    public var authorities: Material?
    public var proxy: HTTPRequest.Proxy
    public var clientCertificate: ClientCertificate?
    /// http(s): a file in the format of `.netrc`, for hosts without `credentials`.
    public var netrcFile: String?
    /// http(s): whether the first contact may be redirected to another host. Credentials never go there.
    public var followsToOtherHosts: Bool
    public var ssh: SSH
    /// Where the credentials come from, for people: "GIT_TOKEN_FILE /run/secrets/git/token". Never a secret.
    public var origin: String?
    /// Why the credentials cannot be had at this moment: the remote is not asked then, and this is what went wrong.
    public var problem: GitError?

    public init(
        credentials: BasicCredentials? = nil,
        authorities: Material? = nil,
        proxy: HTTPRequest.Proxy = .system,
        clientCertificate: ClientCertificate? = nil,
        netrcFile: String? = nil,
        followsToOtherHosts: Bool = false,
        ssh: SSH = SSH(),
        origin: String? = nil,
        problem: GitError? = nil
    ) {
        self.credentials = credentials
        self.authorities = authorities
        self.proxy = proxy
        self.clientCertificate = clientCertificate
        self.netrcFile = netrcFile
        self.followsToOtherHosts = followsToOtherHosts
        self.ssh = ssh
        self.origin = origin
        self.problem = problem
    }
}
