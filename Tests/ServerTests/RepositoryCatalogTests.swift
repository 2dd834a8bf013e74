import Basics
import CloudEvents
import Curl
import Git
import Logging
import Model
import RepoCache
import TestSupport
import Testing

@testable import Server

/// Credentials that come and change while the service runs.
@Suite(.timeLimit(.minutes(2))) struct RepositoryCatalogTests {
    let directory: TemporaryDirectory
    private let project = PlainName("sockshop")!

    init() throws { directory = try TemporaryDirectory() }

    private func configuration(_ environment: [String: String]) throws -> ServiceConfiguration {
        let base = ["CACHE_DIRECTORY": directory.path, "DATA_DIRECTORY": directory.path, "GIT_REMOTE": "https://h/{project}.git"]
        return try ServiceConfiguration(environment: base.merging(environment) { _, new in new })
    }

    private func catalog(_ configuration: ServiceConfiguration, _ logger: Logger? = nil) -> RepositoryCatalog {
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        return RepositoryCatalog(configuration, client: HTTPClient(), logger: logger ?? quiet)
    }

    @Test("The token of a file is read each time and masked from then on; without the file the next one counts")
    func tokenFile() async throws {
        let path = directory.path + "/token"
        let configuration = try configuration(["GIT_TOKEN_FILE": path, "GIT_TOKEN": "second", "GIT_USER": "me"])
        let catalog = catalog(configuration)
        #expect(try await catalog.settings(of: project).access.origin == "GIT_TOKEN")
        for token in ["one-token", "two-token"] {
            #expect(configuration.secrets.redact(token) == token)
            try directory.write(token + "\n", to: "token")
            let access = try await catalog.settings(of: project).access
            #expect(access.credentials == BasicCredentials(user: "me", password: token))
            #expect(access.origin == "GIT_TOKEN_FILE \(path)")
            let basic = Base64.encode(Array("me:\(token)".utf8))
            #expect(configuration.secrets.redact("\(token) \(basic)") == "*** ***")
        }
        #expect(configuration.secrets.redact("one-token") == "***")
        try directory.write("\n", to: "token")
        #expect(try await catalog.settings(of: project).access.credentials?.password == "second")
    }

    @Test("What keeps credentials from being had is told when the remote is asked; what is held can still be served")
    func unreadable() async throws {
        let tokenIsDirectory = try configuration(["GIT_TOKEN_FILE": directory.path])
        let problem = try await catalog(tokenIsDirectory).settings(of: project).access.problem
        #expect(problem?.failureClass == .auth && problem?.message.contains("GIT_TOKEN_FILE: cannot read") == true)
        try directory.write("s3cret", to: "git-credentials-sockshop")
        let badSecret = try configuration(["GIT_CREDENTIALS_DIRECTORY": directory.path])
        let settings = try await catalog(badSecret).settings(of: project)
        #expect(settings.remote == "https://h/sockshop.git")
        let sentence = settings.access.problem?.message
        #expect(sentence == "git-credentials-sockshop in GIT_CREDENTIALS_DIRECTORY cannot be used: it is not valid JSON")
    }

    @Test("The secret of a project is read each time and masked from then on")
    func secret() async throws {
        let configuration = try configuration(["GIT_REMOTE": "", "GIT_CREDENTIALS_DIRECTORY": directory.path])
        let catalog = catalog(configuration)
        await #expect(throws: ConfigurationError.self) { try await catalog.settings(of: project) }
        for token in ["one-token", "two-token"] {
            try directory.write(#"{"remoteURI":"https://h/x","token":"\#(token)"}"#, to: "git-credentials-sockshop")
            let settings = try await catalog.settings(of: project)
            #expect(settings.remote == "https://h/x" && settings.access.credentials?.password == token)
            #expect(configuration.secrets.redact(token) == "***")
        }
    }

    @Test("A GitHub App is asked for its token, which is masked; not for a remote that takes none")
    func app() async throws {
        let github = try GitHubServer()
        let environment = [
            "GIT_GITHUB_APP_ID": "12345", "GIT_GITHUB_APP_INSTALLATION_ID": "67", "GIT_GITHUB_APP_KEY_FILE": github.keyFile,
            "GIT_GITHUB_API_URL": github.api, "GIT_PROXY": "none",
        ]
        let configuration = try configuration(environment)
        let access = try await catalog(configuration).settings(of: project).access
        #expect(access.credentials == BasicCredentials(user: "x-access-token", password: "ghs_token_1"))
        #expect(access.origin == "GitHub App 12345" && access.problem == nil)
        #expect(configuration.secrets.redact("ghs_token_1") == "***")
        let local = try self.configuration(environment.merging(["GIT_REMOTE": "/mirror/{project}.git"]) { _, new in new })
        #expect(try await catalog(local).settings(of: project).access.credentials == nil)
        #expect(github.count() == 1)
        try github.answer("404")
        let problem = try await catalog(configuration).settings(of: project).access.problem
        #expect(problem?.failureClass == .auth && problem?.message.contains("INSTALLATION_ID") == true)
    }

    @Test("A warning is logged once, and a token that came after the start is in no line")
    func log() async throws {
        let path = directory.path + "/log"
        let pool = ThreadPool(name: "test", width: 1)
        let secret = #"{"remoteURI":"https://other/x","token":"late-token"}"#
        try directory.write(secret, to: "git-credentials-sockshop")
        let configuration = try configuration(["GIT_CREDENTIALS_DIRECTORY": directory.path])
        try Files.write([], to: path)
        let descriptor = try LogFile(path)
        let writer = LogWriter(descriptor: descriptor.descriptor)
        let logger = Logger(label: "test") { label in
            LineLogHandler(label: label, format: .json, level: .info, writer: writer, redact: configuration.secrets.redact)
        }
        let catalog = catalog(configuration, logger)
        logger.info("late-token")
        for _ in 0..<3 { _ = try await catalog.settings(of: project) }
        logger.info("late-token", metadata: ["x": "a late-token b", "basic": "a2VwdG51c2VyOmxhdGUtdG9rZW4="])
        let lines = try await pool.run {
            writer.flush(atMost: .seconds(20))
            return try Files.read(path).split(separator: UInt8(ascii: "\n")).map { try JSON(parsing: $0) }
        }
        #expect(lines.map { $0["message"]?.string } == ["late-token", "repository", "***"])
        #expect(lines.last?["x"] == "a *** b" && lines.last?["basic"] == "***")
        #expect(lines[1]["warning"]?.string?.contains("https://other") == true && lines[1]["project"] == "sockshop")
    }
}
