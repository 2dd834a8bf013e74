import Basics
import CloudEvents
import Curl
import Git
import TestSupport
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(2))) struct GitHubAppTests {
    let server: GitHubServer

    init() throws { server = try GitHubServer() }

    private func app(id: String = "12345", installation: String = "67", keyFile: String? = nil) -> GitHubApp {
        GitHubApp(id: id, installation: installation, keyFile: keyFile ?? server.keyFile, api: server.api)
    }

    private var git: GitSettings {
        var git = GitSettings()
        git.proxy = HTTPRequest.Proxy.none
        return git
    }

    private func tokens(_ now: @escaping @Sendable () -> Timestamp = Timestamp.now) -> InstallationTokens {
        InstallationTokens(client: HTTPClient(), files: ThreadPool(name: "test", width: 2), now: now)
    }

    /// Lets others go on, until the time limit of the test.
    private func settle() async throws {
        try Task.checkCancellation()
        await Task.yield()
    }

    @Test("A proof that openssl accepts is exchanged for a token, with a key of either form, and the token is kept")
    func token() async throws {
        let tokens = tokens()
        let app = app()
        for _ in 0..<3 { #expect(try await tokens.token(of: app, through: git) == "ghs_token_1") }
        #expect(server.count() == 1)
        #expect(try await tokens.token(of: self.app(keyFile: server.pkcs8File), through: git) == "ghs_token_2")
    }

    @Test("Many who ask at once share one question")
    func singleFlight() async throws {
        let tokens = tokens()
        let (app, git) = (app(), git)
        try server.answer("hold")
        let asked = Collected<Int>()
        let got = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    asked.append(1)
                    return try await tokens.token(of: app, through: git)
                }
            }
            while asked.values.count < 50 || server.count() == 0 { try await settle() }
            try server.answer("201")
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(got == ["ghs_token_1"] && server.count() == 1)
    }

    @Test("A wait ends when it is cancelled, and the others go on waiting")
    func cancelled() async throws {
        let tokens = tokens()
        let (app, git) = (app(), git)
        try server.answer("hold")
        let first = Task { try await tokens.token(of: app, through: git) }
        let second = Task { try await tokens.token(of: app, through: git) }
        while server.count() == 0 { try await settle() }
        first.cancel()
        await #expect(throws: GitError.self) { try await first.value }
        try server.answer("201")
        #expect(try await second.value == "ghs_token_1")
    }

    @Test("A token is renewed ahead of its end; while that fails, the old one is used, and after its end the failure is told")
    func renewal() async throws {
        let clock = TestClock()
        let tokens = tokens { clock.now }
        let (app, git) = (app(), git)
        func token() async throws -> String {
            // A loop around this ends with the time limit.
            try Task.checkCancellation()
            return try await tokens.token(of: app, through: git)
        }
        func advance(_ seconds: Int64) throws { try server.setClock(ahead: clock.advance(seconds)) }
        try server.setLifetime(700)
        #expect(try await token() == "ghs_token_1")
        // GitHub fails: the old token is used, and GitHub is not asked again at once.
        try server.answer("500")
        try advance(150)
        for _ in 0..<3 { #expect(try await token() == "ghs_token_1") }
        while server.count() < 2 { try await settle() }
        try advance(31)
        while server.count() < 3 {
            #expect(try await token() == "ghs_token_1")
            try await settle()
        }
        // It works again.
        try server.setLifetime(5_000)
        try server.answer("201")
        try advance(31)
        while try await token() == "ghs_token_1" { try await settle() }
        #expect(try await token() == "ghs_token_\(server.count())")
        // Without any that is good, the failure is told.
        try server.answer("500")
        try advance(10_000)
        let error = await #expect(throws: GitError.self) { try await token() }
        #expect(error?.failureClass == .server)
    }

    @Test("Each refusal has its sentence")
    func refusals() async throws {
        let cases: [(mode: String, failureClass: GitError.FailureClass, part: String)] = [
            ("401", .auth, "GIT_GITHUB_APP_KEY_FILE and this machine's clock"), ("403", .auth, "not suspended"),
            ("404", .auth, "check GIT_GITHUB_APP_INSTALLATION_ID"), ("429", .throttled, "(HTTP 429)"),
            ("502", .server, "(HTTP 502)"), ("204", .protocol, "holds no token"), ("302", .protocol, "GIT_GITHUB_API_URL"),
            ("text", .protocol, "holds no token"),
        ]
        for (mode, failureClass, part) in cases {
            try server.answer(mode)
            let error = await #expect(throws: GitError.self) { try await tokens().token(of: app(), through: git) }
            #expect(
                error?.failureClass == failureClass && error?.message.contains(part) == true,
                "\(mode): \(error?.message ?? "")"
            )
            #expect(error?.description.hasPrefix("cannot get a token of GitHub App 12345 from http://127.0.0.1:") == true)
            #expect(error?.description.contains("s3cret") == false)
        }
    }

    @Test("A wrong key, another App, another installation, no GitHub")
    func mistakes() async throws {
        let directory = try TemporaryDirectory()
        let noKey = try directory.write("s3cret", to: "key")
        let cases: [(app: GitHubApp, failureClass: GitError.FailureClass, part: String)] = [
            (app(keyFile: server.otherKeyFile), .auth, "(HTTP 401)"), (app(id: "1"), .auth, "(HTTP 401)"),
            (app(installation: "1"), .auth, "(HTTP 404)"), (app(keyFile: noKey), .auth, "holds no RSA private key"),
            (app(keyFile: "/nowhere/key"), .auth, "cannot read /nowhere/key"),
            (GitHubApp(id: "1", installation: "1", keyFile: server.keyFile, api: "http://127.0.0.1:1"), .connect, "127.0.0.1"),
        ]
        for (app, failureClass, part) in cases {
            let error = await #expect(throws: GitError.self) { try await tokens().token(of: app, through: git) }
            #expect(
                error?.failureClass == failureClass && error?.message.contains(part) == true,
                "\(error.map { "\($0)" } ?? "")"
            )
            #expect(error?.description.contains("s3cret") == false)
        }
    }

    @Test("The key file is read anew for each question")
    func exchangedKey() async throws {
        let directory = try TemporaryDirectory()
        let keyFile = try directory.write(String(decoding: try Files.read(server.otherKeyFile), as: UTF8.self), to: "key")
        let tokens = tokens()
        await #expect(throws: GitError.self) { try await tokens.token(of: app(keyFile: keyFile), through: git) }
        try Files.replace(keyFile, with: try Files.read(server.keyFile))
        #expect(try await tokens.token(of: app(keyFile: keyFile), through: git).hasPrefix("ghs_token_"))
    }
}

@Suite struct InstallationTokenTests {
    @Test(
        "What to do with a token",
        arguments: [
            (nil, 0, nil, .wait), (1_000, 0, nil, .use), (1_000, 399, nil, .use), (1_000, 400, nil, .renewAhead),
            (1_000, 994, nil, .renewAhead), (1_000, 995, nil, .wait), (1_000, 2_000, nil, .wait), (1_000, 500, 480, .use),
            (1_000, 500, 470, .renewAhead), (1_000, 996, 990, .wait), (nil, 0, 0, .wait),
        ] as [(Int64?, Int64, Int64?, InstallationToken.Step)]
    )
    func steps(expires: Int64?, now: Int64, failed: Int64?, step: InstallationToken.Step) {
        let token = expires.map { InstallationToken(text: "t", expires: $0) }
        #expect(InstallationToken.step(token, now: now, failed: failed) == step)
    }
}
