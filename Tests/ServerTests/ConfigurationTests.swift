import Basics
import Curl
import Executor
import Foundation
import Git
import Model
import RepoCache
import TestSupport
import Testing

@testable import Server

@Suite struct ConfigurationTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func configuration(
        _ environment: [String: String] = [:],
        set overrides: [String] = [],
        yaml: String? = nil
    ) throws -> ServiceConfiguration {
        let file = try yaml.map { try directory.write($0, to: "ges.yaml") }
        let base = ["CACHE_DIRECTORY": directory.path, "DATA_DIRECTORY": directory.path]
        return try ServiceConfiguration(
            overrides: overrides,
            file: file,
            environment: base.merging(environment) { _, new in new }
        )
    }

    @Test("--set stands over a project's own section, too: it is what somebody wants just now")
    func precedenceOverProject() throws {
        let yaml = "projects: {sockshop: {git_remote: /of/the/section}}"
        let project = try #require(PlainName("sockshop"))
        #expect(try configuration(yaml: yaml).git(of: project).remote == "/of/the/section")
        #expect(try configuration(set: ["GIT_REMOTE=/of/--set"], yaml: yaml).git(of: project).remote == "/of/--set")
    }

    @Test("An empty secret is none", arguments: ["rcv_token:", "rcv_token: ''", "admin_token:"])
    func emptySecret(line: String) throws {
        let read = try configuration(yaml: line)
        #expect(read.receive.token == nil && read.admin.token == nil)
        #expect(try configuration(set: ["RCV_TOKEN="]).receive.token == nil)
    }

    @Test("Passwords in URLs that scripts see are masked")
    func passwordsInURLs() throws {
        let read = try configuration([
            "EVENTBROKER": "http://keptn:p4ssw0rd-1@broker/event", "HTTPS_PROXY": "http://u:p4ssw0rd-2@proxy",
        ])
        #expect(read.secrets.redact("p4ssw0rd-1 p4ssw0rd-2") == "*** ***")
        let error = #expect(throws: ConfigurationError.self) {
            try configuration(["EVENTBROKER": "htps://keptn:p4ssw0rd-1@broker"])
        }
        #expect(error.map { "\($0)".contains("p4ssw0rd") } == false)
    }

    @Test("--set stands over the environment, that over the file, that over the default")
    func precedence() throws {
        let yaml = "rcv_port: 1\nrcv_path: /file\nqueue_limit: 7\n"
        let read = try configuration(["RCV_PORT": "2", "RCV_PATH": "/env"], set: ["RCV_PORT=3"], yaml: yaml)
        #expect(read.receive.port == 3)
        #expect(read.receive.path == "/env")
        #expect(read.receive.queue.count == 7)
        #expect(read.receive.bodyLimit == 1 << 20)
    }

    private static let destinations =
        "host names, globs, addresses and networks, each perhaps with :port, parted by commas, or none"

    @Test("Where requests may go, and how they get there")
    func requests() throws {
        let plain = try configuration(["HTTP_PROXY": "ignored:1"]).executor.http
        #expect(plain.rules.allow.map(\.description) == ["*"])
        #expect(plain.rules.deny.map(\.description) == DestinationRules.metadataServices)
        #expect(plain.proxy == .system && plain.caFile == nil && plain.clientCertificate == nil)
        let ca = try directory.write("x", to: "ca")
        let environment = [
            "HTTP_ALLOW": "*.example, 10.0.0.0/8:443", "HTTP_DENY": "NONE", "HTTP_CA_FILE": ca,
            "HTTP_CLIENT_CERTIFICATE_FILE": "/c",
            "HTTP_CLIENT_KEY_FILE": "/k", "HTTP_PROXY_URL": "me:p%40ss@proxy.example:3128",
        ]
        let read = try configuration(environment)
        #expect(read.executor.http.rules.allow.map(\.description) == ["*.example", "10.0.0.0/8:443"])
        #expect(read.executor.http.rules.deny.isEmpty)
        #expect(read.executor.http.proxy == .url("http://me:p%40ss@proxy.example:3128") && read.executor.http.caFile == ca)
        #expect(read.executor.http.clientCertificate == .init(file: "/c", keyFile: "/k"))
        #expect(read.secrets.redact("me:p%40ss p@ss") == "*** ***")
        #expect(try configuration(["HTTP_PROXY_URL": "none"]).executor.http.proxy == HTTPRequest.Proxy.none)
    }

    @Test("The defaults are those of the contract")
    func defaults() throws {
        let read = try configuration()
        #expect(read.receive.port == 8080 && read.receive.path == "/" && read.receive.queue.count == 10_000)
        #expect(read.delivery.target == .http("http://localhost:8081/event") && read.delivery.timeout == .seconds(86_400))
        #expect(read.executor.folders == ["genericexecutor", "generic-executor"])
        #expect(read.executor.timeout == .seconds(300) && read.executor.grace == .seconds(10))
        #expect(read.executor.outputLimit == 1 << 20 && read.executor.messageLimit == 32 << 10)
        #expect(read.concurrency == 64 && read.shutdownTimeout == .seconds(30) && !read.isLocal)
        #expect(read.keptn.hasProvenance && !read.keptn.answersAllEvents && read.keptn.era == nil)
        #expect(read.warnings.isEmpty)
    }

    @Test("An empty variable counts as not set")
    func emptyVariable() throws {
        #expect(try configuration(["RCV_PORT": "", "RCV_TOKEN": ""]).receive.token == nil)
    }

    @Test(
        "A value that is not allowed stops the start, with its name, its value and what is allowed",
        arguments: [
            ("RCV_PORT", "70000", "RCV_PORT is '70000'; allowed: 0 to 65535"),
            ("RCV_PORT", "http", "RCV_PORT is 'http'; allowed: 0 to 65535"),
            ("RCV_PATH", "events", "RCV_PATH is 'events'; allowed: a path that begins with /"),
            ("GIT_LAYOUT", "flat", "GIT_LAYOUT is 'flat'; allowed: one of auto, branches, directories"),
            ("GIT_ON_FAILURE", "x", "GIT_ON_FAILURE is 'x'; allowed: one of cached, fail"),
            ("SCRIPT_TIMEOUT", "soon", "SCRIPT_TIMEOUT is 'soon'; allowed: a time such as 500ms, 30s, 5m or 24h, at least 1ms"),
            ("SCRIPT_FOLDERS", "a/b", "SCRIPT_FOLDERS is 'a/b'; allowed: folder names, parted by commas"),
            ("MESSAGE_LIMIT", "1", "MESSAGE_LIMIT is '1'; allowed: a size such as 512KiB or 1MiB, from 256 to 1MiB"),
            ("EVENTBROKER", "ftp://x", "EVENTBROKER is 'ftp://x'; allowed: an http or https URL, or none"),
            ("KEPTN_SPEC", "3", "KEPTN_SPEC is '3'; allowed: 0.1 or 0.2"),
            ("ANSWER_PROVENANCE", "maybe", "ANSWER_PROVENANCE is 'maybe'; allowed: true or false"),
            ("HTTP_ALLOW", "10.*", "HTTP_ALLOW is '10.*'; allowed: \(ConfigurationTests.destinations)"),
            ("HTTP_DENY", "10.0.0.0/8,127.1", "HTTP_DENY is '10.0.0.0/8,127.1'; allowed: \(ConfigurationTests.destinations)"),
            ("HTTP_DENY", ",", "HTTP_DENY is ','; allowed: \(ConfigurationTests.destinations)"),
            ("HTTP_CA_FILE", "/nowhere/ca.crt", "HTTP_CA_FILE names /nowhere/ca.crt, which cannot be read"),
            ("HTTP_CLIENT_KEY_FILE", "/k", "HTTP_CLIENT_KEY_FILE is set without HTTP_CLIENT_CERTIFICATE_FILE; set both"),
            (
                "HTTP_PROXY_URL", "ftp://u:s3cret@proxy",
                "HTTP_PROXY_URL has a value that is not allowed; allowed: host:port, a URL with http, https or socks5, or none"
            ),
            ("GIT_CA_FILE", "/nowhere/ca.crt", "GIT_CA_FILE names /nowhere/ca.crt, which cannot be read"),
        ]
    )
    func refused(name: String, value: String, sentence: String) {
        let error = #expect(throws: ConfigurationError.self) { try configuration([name: value]) }
        #expect(error?.description == sentence)
    }

    @Test(
        "A file with mistakes is refused with a sentence",
        arguments: [
            ("git_remot: x", "'git_remot' in"), ("- a", "must be a YAML mapping"), ("a: [", "is not valid YAML"),
            ("rcv_port: {a: b}", "must be one value or a list of values"), ("projects: 3", "'projects' in"),
            ("projects: {p: {rcv_port: 1}}", "cannot be set for one project"), ("projects: {p: 3}", "project 'p' in"),
            ("projects: {'../p': {git_user: u}}", "is no project name"),
            ("projects: {p: {git_layout: odd}}", "GIT_LAYOUT of project 'p' is 'odd'"),
        ]
    )
    func refusedFile(yaml: String, part: String) {
        let error = #expect(throws: ConfigurationError.self) { try configuration(yaml: yaml) }
        #expect(error?.description.contains(part) == true, "\(error?.description ?? "nothing was thrown")")
    }

    @Test(
        "A remote that can never work stops the start, and is not shown: it may hold a password",
        arguments: [
            "ssh://git:s3cret@-git.example/{project}", "git@git.example:-s3cret", "ftp://s3cret", "https://",
            "https://u:s3cret@h:x/",
        ]
    )
    func refusedRemote(remote: String) {
        let error = #expect(throws: ConfigurationError.self) { try configuration(["GIT_REMOTE": remote]) }
        #expect(
            error?.description.hasPrefix("GIT_REMOTE cannot be used: ") == true && error?.description.contains("s3cret") == false
        )
    }

    @Test("What is wrong with YAML is said in one line, without the lines of the file: they may hold a token")
    func secretInFile() {
        let error = #expect(throws: ConfigurationError.self) { try configuration(yaml: "git_token: [s3cret\n") }
        let text = error?.description ?? ""
        #expect(text.contains("(line ") && !text.contains("s3cret") && !text.contains("\n"), "\(text)")
    }

    @Test("A command that sends does not wait for a receiver as long as a service does")
    func offlineDelivery() throws {
        let scratch = try ScratchDirectory()
        #expect(try configuration().kept(in: scratch).delivery.timeout == .seconds(30))
        #expect(try configuration(["DELIVERY_TIMEOUT": "2s"]).kept(in: scratch).delivery.timeout == .seconds(2))
    }

    @Test("An override that names no setting is refused", arguments: ["NO_SUCH=1", "RCV_PORT"])
    func refusedOverride(override: String) {
        #expect(throws: ConfigurationError.self) { try configuration(set: [override]) }
    }

    @Test("A project has its own settings from the file, and the others from all")
    func projects() throws {
        let yaml = """
            git_remote: https://git.example/{project}.git
            git_user: all
            projects:
              sockshop:
                git_remote: /mirror/{project}.git
                git_on_failure: fail
            """
        let read = try configuration(["GIT_USER": "env", "GIT_TOKEN": "t"], yaml: yaml)
        let sockshop = try read.git(of: try #require(PlainName("sockshop")))
        #expect(sockshop.remote == "/mirror/sockshop.git" && sockshop.user == "env" && sockshop.onFailure == .fail)
        let podtato = try read.git(of: try #require(PlainName("podtato")))
        #expect(podtato.remote == "https://git.example/podtato.git" && podtato.onFailure == .cached)
    }

    @Test(
        "What a project's own section names as its token comes first; of the rest the file, the token, then the App",
        arguments: [
            ("", ["GIT_TOKEN_FILE /t", "GIT_TOKEN", "GitHub App 1"]),
            ("git_token: own", ["GIT_TOKEN", "GIT_TOKEN_FILE /t", "GitHub App 1"]),
            ("git_github_app_installation_id: 3", ["GitHub App 1", "GIT_TOKEN_FILE /t", "GIT_TOKEN"]),
            ("git_github_app_id: Iv1.8a6", ["GitHub App Iv1.8a6", "GIT_TOKEN_FILE /t", "GIT_TOKEN"]),
        ]
    )
    func tokens(section: String, names: [String]) throws {
        let environment = [
            "GIT_TOKEN_FILE": "/t", "GIT_TOKEN": "all", "GIT_GITHUB_APP_ID": "1", "GIT_GITHUB_APP_INSTALLATION_ID": "2",
            "GIT_GITHUB_APP_KEY_FILE": "/k", "GIT_GITHUB_API_URL": "https://github.example/api/v3/",
        ]
        let read = try configuration(environment, yaml: "projects: {p: {\(section)}}")
        let git = try read.git(of: try #require(PlainName("p")))
        #expect(git.tokens.map(\.name) == names)
        let apps = git.tokens.compactMap { if case .app(let app) = $0 { app } else { nil } }
        #expect(apps.map(\.api) == ["https://github.example/api/v3"])
    }

    @Test("Projects may share a GitHub App and have an installation each; half of one is a mistake")
    func sharedApp() throws {
        let half = ["GIT_GITHUB_APP_ID": "1", "GIT_GITHUB_APP_KEY_FILE": "/k"]
        let error = #expect(throws: ConfigurationError.self) { try configuration(half) }
        #expect(error?.description.hasPrefix("GIT_GITHUB_APP_INSTALLATION_ID is not set") == true)
        let read = try configuration(half, yaml: "projects: {p: {git_github_app_installation_id: 7}}")
        #expect(try read.git(of: try #require(PlainName("p"))).tokens.count == 1)
        #expect(try read.git(of: try #require(PlainName("q"))).tokens.isEmpty)
    }

    @Test("All that a repository can be given is read, a project's own first")
    func gitSettings() throws {
        for name in ["ca", "hosts", "signers", "ring"] { try directory.write("x", to: name) }
        let path = directory.path
        let environment = [
            "GIT_SSH_KEY_FILE": "/key", "GIT_SSH_KEY_PASSPHRASE": "pass phrase", "GIT_SSH_KNOWN_HOSTS_FILE": "\(path)/hosts",
            "GIT_CA_FILE": "\(path)/ca", "GIT_PROXY": "u:p%40ss@proxy.example:3128", "GIT_CLIENT_CERTIFICATE_FILE": "/c",
            "GIT_CLIENT_KEY_FILE": "/ck", "GIT_NETRC_FILE": "/n", "GIT_FOLLOW_REDIRECTS": "true", "GIT_HISTORY_LIMIT": "5",
            "GIT_CREDENTIALS_DIRECTORY": path, "GIT_REQUIRE_SIGNATURE": "true", "GIT_ALLOWED_SIGNERS_FILE": "\(path)/signers",
            "GIT_KEYRING_FILE": "\(path)/ring", "CACHE_LIMIT": "1GiB",
        ]
        let yaml = "projects: {q: {git_proxy: none, git_history_limit: 6, git_require_signature: no, git_follow_redirects: no}}"
        let read = try configuration(environment, yaml: yaml)
        let git = try read.git(of: try #require(PlainName("p")))
        #expect(git.ssh == .init(key: .file("/key"), passphrase: "pass phrase", knownHostsFile: "\(path)/hosts"))
        #expect(git.caFile == "\(path)/ca" && git.proxy == .url("http://u:p%40ss@proxy.example:3128"))
        #expect(git.clientCertificate == .init(file: "/c", keyFile: "/ck") && git.netrcFile == "/n" && git.followsRedirects)
        #expect(git.secrets == CredentialsDirectory(path: path) && git.historyLimit == 5)
        #expect(git.signatures == .init(allowedSignersFile: "\(path)/signers", keyringFile: "\(path)/ring"))
        let other = try read.git(of: try #require(PlainName("q")))
        #expect(other.proxy == HTTPRequest.Proxy.none && other.historyLimit == 6 && other.signatures == nil)
        #expect(!other.followsRedirects)
        #expect(read.cacheLimits == CacheLimits(perProject: 1 << 30, total: 1 << 30))
        #expect(read.secrets.redact("u:p%40ss p@ss pass phrase dTpwQHNz") == "*** *** *** ***")
    }

    @Test(
        "What can never work for Git stops the start",
        arguments: [
            (["GIT_REQUIRE_SIGNATURE": "true"], "set GIT_ALLOWED_SIGNERS_FILE or GIT_KEYRING_FILE"),
            (["GIT_ALLOWED_SIGNERS_FILE": "/nowhere/a"], "GIT_ALLOWED_SIGNERS_FILE names /nowhere/a, which cannot be read"),
            (["GIT_KEYRING_FILE": "/nowhere/a"], "GIT_KEYRING_FILE names /nowhere/a, which cannot be read"),
            (["GIT_SSH_KNOWN_HOSTS_FILE": "/nowhere/a"], "GIT_SSH_KNOWN_HOSTS_FILE names /nowhere/a, which cannot be read"),
            (["GIT_CREDENTIALS_DIRECTORY": "/nowhere/a"], "GIT_CREDENTIALS_DIRECTORY names /nowhere/a, which is no directory"),
            (["GIT_CLIENT_KEY_FILE": "/k"], "GIT_CLIENT_KEY_FILE is set without GIT_CLIENT_CERTIFICATE_FILE"),
            (["GIT_PROXY": "s3cret proxy"], "GIT_PROXY has a value that is not allowed; allowed: host:port"),
            (["GIT_PROXY": "ftp://u:s3cret@proxy:1"], "GIT_PROXY has a value that is not allowed; allowed: host:port"),
            (["GIT_HISTORY_LIMIT": "0"], "GIT_HISTORY_LIMIT is '0'; allowed: 1 to 1000000"),
            (["GIT_GITHUB_APP_INSTALLATION_ID": "x"], "GIT_GITHUB_APP_INSTALLATION_ID is 'x'; allowed: a number"),
            (["GIT_GITHUB_API_URL": "api.github.com"], "GIT_GITHUB_API_URL is 'api.github.com'; allowed: an http or https URL"),
            (["CACHE_LIMIT": "5"], "CACHE_LIMIT is '5'; allowed: a size such as 512KiB or 1MiB, from 1MiB to"),
        ]
    )
    func refusedGit(environment: [String: String], part: String) {
        let error = #expect(throws: ConfigurationError.self) { try configuration(environment) }
        #expect(error?.description.contains(part) == true, "\(error?.description ?? "nothing was thrown")")
        #expect(error?.description.contains("s3cret") != true)
    }

    @Test("Every credential is masked: of all projects, of files, and in addresses")
    func secrets() throws {
        let file = try directory.write("from-file\n", to: "token")
        let yaml =
            "projects: {a: {git_token: of-a}, b: {git_remote: 'https://u:of-b@git.example/b.git', git_token_file: '\(file)'}}"
        let environment = [
            "GIT_WEBHOOK_SECRET": "of-hooks", "ADMIN_TOKEN": "of-operators", "GIT_TOKEN": "of-all", "RCV_TOKEN": "of-senders",
            "KEPTN_API_TOKEN": "of-keptn", "SECRET_X": "of-x", "OTHER": "shown",
        ]
        let secrets = try configuration(environment, yaml: yaml).secrets
        for secret in ["of-all", "of-senders", "of-keptn", "of-x", "of-a", "of-b", "from-file", "of-hooks", "of-operators"] {
            #expect(secrets.redact("<\(secret)>") == "<***>")
        }
        #expect(secrets.redact("shown a2VwdG51c2VyOm9mLWFsbA==") == "shown ***")
    }

    @Test(
        "The port of operators is closed to others, unless it has a token",
        arguments: [
            ("127.0.0.1", true), ("127.1.2.3", true), ("localhost", true), ("LOCALHOST", true), ("::1", true), ("0.0.0.0", false),
            ("::", false), ("10.0.0.1", false), ("127.0.0.1.example.com", false), ("127.0.0", false), ("127.0.0.256", false),
        ]
    )
    func adminHost(host: String, isLoopback: Bool) throws {
        #expect(ServiceConfiguration.isLoopback(host) == isLoopback)
        let read = try configuration(["ADMIN_HOST": host, "ADMIN_TOKEN": "s3cret"])
        #expect(read.admin.host == host && read.admin.port == 8090 && read.admin.token == "s3cret")
        guard !isLoopback else { return }
        let error = #expect(throws: ConfigurationError.self) { try configuration(["ADMIN_HOST": host]) }
        #expect(error?.description.contains("set ADMIN_TOKEN, or let ADMIN_HOST be 127.0.0.1") == true)
    }

    @Test("Events cannot be posted where push webhooks are received")
    func webhookPath() {
        let error = #expect(throws: ConfigurationError.self) { try configuration(["RCV_PATH": "/hooks/git"]) }
        #expect(error?.description.hasPrefix("RCV_PATH is '/hooks/git', where push webhooks are received") == true)
    }

    @Test("The secrets of webhooks: a project's own over the common one, files read each time, no empty ones")
    func webhookSecrets() throws {
        let common = try directory.write("from-file\n", to: "secret")
        let own = try directory.write("own-file", to: "own")
        let yaml = """
            git_remote: https://git.example/{project}.git
            projects:
              text: {git_webhook_secret: own-text}
              file: {git_webhook_secret: unused, git_webhook_secret_file: '\(own)'}
              none: {git_remote: 'https://elsewhere.example/{project}.git'}
            """
        let read = try configuration(["GIT_WEBHOOK_SECRET_FILE": common, "GIT_WEBHOOK_SECRET": "unused"], yaml: yaml)
        let rules = read.webhookRules()
        let secrets = try ["text", "file", "none", "other"].map { rules.secrets.secret(of: try #require(PlainName($0))) }
        #expect(secrets == ["own-text", "own-file", "from-file", "from-file"])
        #expect(rules.template == "https://git.example/{project}.git" && rules.problems.isEmpty)
        #expect(rules.configured.values.sorted().last == "https://git.example/text.git")
        try directory.write(" \n", to: "secret")
        #expect(read.webhookRules().secrets.common == nil)
        try directory.write("new", to: "secret")
        #expect(read.webhookRules().secrets.common == "new")
        #expect(try configuration(["GIT_WEBHOOK_SECRET_FILE": "/nowhere"]).webhookRules().secrets.isEmpty)
        #expect(try configuration(["GIT_WEBHOOK_SECRET_FILE": directory.path]).webhookRules().problems.count == 1)
    }

    @Test("CONFIGURATION_SERVICE is accepted with a warning")
    func configurationService() throws {
        #expect(try configuration(["CONFIGURATION_SERVICE": "http://x"]).warnings.count == 1)
    }

    @Test("Each default is itself allowed, and no name comes twice")
    func table() {
        #expect(Settings.all.filter { !$0.hasValidFallback }.map(\.name) == [])
        #expect(Set(Settings.all.map(\.name)).count == Settings.all.count)
    }
}
