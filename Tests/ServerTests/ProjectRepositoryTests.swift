import Basics
import Curl
import Git
import Model
import RepoCache
import Testing

@testable import Server

/// What comes of the configuration and of a project's own secret together.
@Suite struct ProjectRepositoryTests {
    private static let project = PlainName("sockshop")!
    private static let name = "git-credentials-sockshop in GIT_CREDENTIALS_DIRECTORY"
    private static let full = ProjectSecret(
        remote: "https://git.example/shop.git",
        user: "keptn",
        token: "t0ken",
        privateKey: "key",
        passphrase: "pass",
        certificate: "pem",
        proxy: ProxyAddress("u:p@proxy.example:3128")
    )

    private func settings(_ remote: String?, _ change: (inout GitSettings) -> Void = { _ in }) -> GitSettings {
        var git = GitSettings()
        git.remote = remote
        git.secrets = CredentialsDirectory(path: "/secrets")
        change(&git)
        return git
    }

    private func repository(
        _ git: GitSettings,
        _ secret: ProjectSecret? = full,
        credentials: ProjectRepository.Credentials? = nil,
        problem: GitError? = nil
    ) throws -> ProjectRepository {
        try ProjectRepository(of: Self.project, git, secret: secret, credentials: credentials, problem: problem)
    }

    @Test("Where GIT_REMOTE says nothing, the secret says all")
    func secretAlone() throws {
        let repository = try repository(settings(nil))
        let access = repository.settings.access
        #expect(repository.settings.remote == "https://git.example/shop.git" && repository.warnings.isEmpty)
        #expect(access.credentials == BasicCredentials(user: "keptn", password: "t0ken") && access.origin == Self.name)
        #expect(access.authorities == .text("pem") && access.proxy == .url("http://u:p@proxy.example:3128"))
        #expect(access.ssh == .init(key: .text("key"), passphrase: "pass"))
    }

    @Test(
        "The secret's share is for its own server",
        arguments: [
            ("https://git.example/other.git", true), ("https://GIT.example:443/shop", true),
            ("https://u@git.example/shop.git", true), ("http://git.example/shop.git", false),
            ("https://git.example:8443/shop.git", false), ("https://git.example.evil/shop.git", false),
            ("https://evil.example/https://git.example/", false), ("https://git.example@evil.example/", false),
            ("ssh://git@git.example/shop.git", false), ("git@git.example:shop.git", false), ("/mirror/shop.git", false),
        ]
    )
    func ownServer(remote: String, isUsed: Bool) throws {
        let repository = try repository(settings(remote))
        let access = repository.settings.access
        #expect(repository.settings.remote == remote)
        #expect((access.ssh.key != nil) == isUsed && (access.authorities != nil) == isUsed)
        #expect((access.proxy != .system) == isUsed)
        // User information in GIT_REMOTE is configuration, and counts first.
        #expect((access.credentials != nil) == (isUsed && !remote.contains("@")))
        let isOnServer = !remote.hasPrefix("/")
        #expect(repository.warnings.count == (isUsed || !isOnServer ? 0 : 1))
        #expect(repository.warnings.allSatisfy { $0.contains("https://git.example") && $0.contains("nothing of it is used") })
    }

    @Test("The configuration counts first, one kind of thing at a time")
    func precedence() throws {
        let token = ProjectRepository.Credentials(value: .init(user: "c", password: "c"), origin: "GIT_TOKEN")
        let remote = "https://git.example/shop.git"
        let first = try repository(settings(remote) { $0.caFile = "/ca" }, credentials: token).settings.access
        #expect(first.credentials?.user == "c" && first.origin == "GIT_TOKEN" && first.authorities == .file("/ca"))
        #expect(first.proxy == .url("http://u:p@proxy.example:3128") && first.ssh.key == .text("key"))
        let second = try repository(
            settings(remote) {
                $0.proxy = HTTPRequest.Proxy.none
                $0.ssh.key = .file("/key")
                $0.ssh.knownHostsFile = "/hosts"
                $0.netrcFile = "/netrc"
                $0.clientCertificate = .init(file: "/c")
                $0.followsRedirects = true
            }
        ).settings.access
        #expect(second.credentials?.password == "t0ken" && second.origin == Self.name && second.proxy == .none)
        // The secret's passphrase is for the secret's key.
        #expect(second.ssh == .init(key: .file("/key"), knownHostsFile: "/hosts") && second.netrcFile == "/netrc")
        #expect(second.clientCertificate == .init(file: "/c") && second.followsToOtherHosts)
    }

    @Test("Where credentials come from, in words")
    func origins() throws {
        let token = ProjectRepository.Credentials(value: .init(user: "c", password: "c"), origin: "GitHub App 1")
        let key: (inout GitSettings) -> Void = { $0.ssh.key = .file("/key") }
        let netrc: (inout GitSettings) -> Void = { $0.netrcFile = "/netrc" }
        func origin(_ git: GitSettings, _ secret: ProjectSecret? = nil, _ credentials: ProjectRepository.Credentials? = nil)
            throws
            -> String?
        {
            try repository(git, secret, credentials: credentials).settings.access.origin
        }
        #expect(try origin(settings("https://h/x"), nil, token) == "GitHub App 1")
        #expect(try origin(settings("https://u:p@h/x")) == "GIT_REMOTE")
        #expect(try origin(settings("https://h/x", netrc)) == "GIT_NETRC_FILE /netrc")
        #expect(try origin(settings("https://h/x")) == nil)
        #expect(try origin(settings("ssh://h/x", key), nil, token) == "GIT_SSH_KEY_FILE /key")
        let ssh = ProjectSecret(remote: "git@h:x", privateKey: "key")
        #expect(try origin(settings("ssh://git@h/x"), ssh) == Self.name)
        #expect(try origin(settings(nil), ProjectSecret(remote: "https://u:p@h/x")) == Self.name)
        #expect(try origin(settings("/mirror", key), nil, token) == nil)
    }

    @Test("Certificates are looked at whatever the secret says, and a warning names the remedy")
    func skippedVerification() throws {
        var secret = ProjectSecret(remote: "https://git.example/x", token: "t0ken", skipsVerification: true)
        let warnings = try repository(settings(nil), secret).warnings
        #expect(warnings.count == 1)
        for part in ["insecureSkipTLS", "certificate", "GIT_CA_FILE"] { #expect(warnings.first?.contains(part) == true) }
        #expect(try repository(settings(nil) { $0.caFile = "/ca" }, secret).warnings.isEmpty)
        secret.certificate = "pem"
        #expect(try repository(settings(nil), secret).warnings.isEmpty)
    }

    @Test("Without any remote a sentence says where one could come from")
    func noRemote() throws {
        let problem = GitError(.auth, "log in", "the secret is not valid JSON")
        let cases: [(git: GitSettings, problem: GitError?, part: String)] = [
            (GitSettings(), nil, "no Git remote is known for project 'sockshop'; set GIT_REMOTE"),
            (settings(nil), nil, "/secrets/git-credentials-sockshop names none"),
            (settings(nil), problem, "for project 'sockshop': the secret is not valid JSON; or set GIT_REMOTE"),
        ]
        for (git, problem, part) in cases {
            let error = #expect(throws: ConfigurationError.self) {
                try repository(git, ProjectSecret(token: "s3cret"), problem: problem)
            }
            #expect(error?.description.contains(part) == true && error?.description.contains("s3cret") == false)
        }
        #expect(try repository(settings("https://h/x"), nil, problem: problem).settings.access.problem == problem)
    }

    @Test(
        "The server of a remote",
        arguments: [
            ("https://Git.example/x", "https://git.example"), ("http://u:p@h:8080/x", "http://h:8080"),
            ("ssh://git@Git.example:22/x", "ssh://git.example"), ("git+ssh://h:2222/x", "ssh://h:2222"), ("git@h:x/y", "ssh://h"),
            ("h:x", "ssh://h"), ("git@[::1]:x", "ssh://[::1]"), ("ssh://[::1]:5/x", "ssh://[::1]:5"), ("git://h/x", "git://h"),
            ("ssh://a@b@h/x", "ssh://h"), ("/mirror/x:y", nil), ("mirror/x", nil), ("file:///x", nil), ("ext::sh -c x", nil),
            ("ftp://h/x", nil), ("", nil), ("ssh:///x", nil), ("ssh://h:x/", nil), ("ssh://h:99999/", nil), ("https://", nil),
            (":x", nil), ("git@:x", nil), ("ssh://[]/", nil), ("ssh://[::1", "ssh://[::1]"),
        ] as [(String, String?)]
    )
    func servers(remote: String, server: String?) {
        #expect(RemoteServer(remote)?.description == server)
    }

    @Test(
        "A proxy's address",
        arguments: [
            ("proxy:3128", "http://proxy:3128"), ("HTTPS://proxy:3128/x?y", "https://proxy:3128"),
            ("u:p%40ss@proxy:1", "http://u:p%40ss@proxy:1"), ("socks5h://[::1]:1080", "socks5h://[::1]:1080"),
            ("http://a:b@c@proxy:1", "http://a:b@c@proxy:1"), ("proxy", "http://proxy"), ("[::1]", "http://[::1]"),
            ("", nil), ("http://", nil), (":3128", nil), ("proxy:x", nil), ("proxy:0", nil), ("proxy:1:2", nil), ("a b:1", nil),
            ("ftp://proxy:1", nil), ("prox\u{E9}:1", nil), ("[::1", nil), ("[]:1", nil), ("u:p@:1", nil), ("proxy:1\n", nil),
        ] as [(String, String?)]
    )
    func proxies(text: String, url: String?) {
        #expect(ProxyAddress(text)?.url == url)
    }

    @Test(
        "The passwords of a .netrc file",
        arguments: [
            ("machine h login me password s3cret", ["me:s3cret"]),
            ("machine h\n\tpassword s3cret\r\n\tlogin me\n", ["me:s3cret"]),
            ("machine a password x\ndefault login u password y", [":x", "u:y"]), ("machine password login u password x", ["u:x"]),
            (#"machine h login "m e" password "s3 \"cret""#, [#"m e:s3 "cret"#]), ("password", []), ("machine", []), ("", []),
            (#"machine h login u password "open"#, ["u:open"]),
        ]
    )
    func netrc(text: String, pairs: [String]) {
        #expect(NetrcFile.credentials(in: text).map { "\($0.user):\($0.password)" } == pairs)
    }

    @Test("Each spelling of a secret is masked")
    func masks() {
        var secret = Self.full
        secret.token = "t0ken+/"
        secret.privateKey = "-----BEGIN X-----\nProc-Type: 4\nQUJDREVGRw==\nSElK\n-----END X-----\n"
        secret.proxy = ProxyAddress("proxy:1", scheme: nil, user: "me", password: "p ss:1")
        let secrets = SecretRegistry()
        secrets.add(MaskedForms.of(secret) + MaskedForms.of(remote: "https://a:b%20cd@h/x"))
        let basic = Base64.encode(Array("keptn:t0ken+/".utf8))
        let proxy = Base64.encode(Array("me:p ss:1".utf8))
        for text in ["t0ken+/", "t0ken%2B%2F", basic, "p ss:1", "p%20ss%3A1", proxy, "pass", "QUJDREVGRw==", "b%20cd", "b cd"] {
            #expect(secrets.redact(text) == "***", "\(text)")
        }
        #expect(secrets.redact("-----BEGIN X----- proxy keptn me") == "-----BEGIN X----- proxy keptn me")
    }
}
