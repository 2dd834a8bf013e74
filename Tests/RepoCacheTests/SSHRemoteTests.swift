import Basics
import Git
import Model
import RepoCache
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct SSHRemoteTests {
    private func fixture(
        _ server: GitSSHServer,
        _ repository: String = "shop",
        key: GitSSHServer.Key = .ed25519,
        passphrase: String? = nil,
        knownHosts: GitSSHServer.KnownHosts = .right
    ) throws -> CacheFixture {
        try CacheFixture(server.url(repository)) {
            $0.access.ssh = RemoteAccess.SSH(
                key: .file(server.key(key)),
                passphrase: passphrase,
                knownHostsFile: server.knownHosts(knownHosts)
            )
        }
    }

    /// - Returns: the error's sentence.
    @discardableResult
    private func expectFailure(_ failureClass: String, _ fixture: CacheFixture, _ comment: String) async -> String {
        let error = await #expect(throws: RepoCacheError.self, "\(comment)") { try await fixture.snapshot() }
        let sentence = error?.description ?? ""
        #expect(error?.failureClass == failureClass, "\(comment): \(sentence)")
        FaultFixture.expectSentence(sentence, names: "127.0.0.1", comment)
        #expect(!sentence.contains("s3cret"), "\(comment): \(sentence)")
        return sentence
    }

    @Test("A cache follows its branches, in whatever version of the protocol", arguments: [false, true])
    func changes(acceptsProtocol: Bool) async throws {
        let server = try GitSSHServer(acceptsProtocol: acceptsProtocol)
        let bare = try await BareRepository(at: server.repository("shop"))
        try await BranchChanges(fixture: try fixture(server), bare: bare).expectFollowed()
        #expect(try server.packets().contains("version 2") == acceptsProtocol)
    }

    @Test func eachKindOfKeyIsTaken() async throws {
        let server = try GitSSHServer()
        try await BareRepository(at: server.repository("shop")).commit(["genericexecutor/a.sh": "x"])
        for (key, passphrase) in [(GitSSHServer.Key.rsa, nil), (.ecdsa, nil), (.encrypted, GitSSHServer.passphrase)] {
            let fixture = try fixture(server, key: key, passphrase: passphrase)
            #expect(fixture.text("a.sh", .project, of: try await fixture.snapshot()) == "x", "\(key)")
        }
        let text = String(decoding: try Files.read(server.key(.ed25519)), as: UTF8.self)
        let given = try CacheFixture(server.url("shop")) {
            $0.access.ssh = RemoteAccess.SSH(key: .text(text), knownHostsFile: server.knownHosts(.right))
        }
        #expect(given.text("a.sh", .project, of: try await given.snapshot()) == "x")
    }

    @Test func aKeyThatIsNotTakenIsAFailureToLogIn() async throws {
        let server = try GitSSHServer()
        try await BareRepository(at: server.repository("shop")).commit(["genericexecutor/a.sh": "x"])
        await expectFailure("auth", try fixture(server, key: .stranger), "a key that the server does not know")
        await expectFailure("auth", try fixture(server, key: .encrypted), "no passphrase")
        await expectFailure("auth", try fixture(server, key: .encrypted, passphrase: "wrong s3cret"), "a wrong passphrase")
    }

    @Test func aHostIsKnownByItsKeys() async throws {
        let server = try GitSSHServer()
        try await BareRepository(at: server.repository("shop")).commit(["genericexecutor/a.sh": "x"])
        for knownHosts in [GitSSHServer.KnownHosts.hashed, .rsa] {
            let fixture = try fixture(server, knownHosts: knownHosts)
            #expect(fixture.text("a.sh", .project, of: try await fixture.snapshot()) == "x", "\(knownHosts)")
        }
        for knownHosts in [GitSSHServer.KnownHosts.empty, .wrong] {
            let sentence = await expectFailure("host key", try fixture(server, knownHosts: knownHosts), "\(knownHosts)")
            let shown = try server.fingerprints().filter { sentence.contains($0.value) }
            #expect(shown.count == 1, "\(knownHosts): \(sentence)")
            #expect(shown.keys.allSatisfy { sentence.uppercased().contains($0) }, "\(knownHosts): \(sentence)")
        }
    }

    @Test func aHostWhoseKeyChangesIsServedFromTheCache() async throws {
        let server = try GitSSHServer()
        let bare = try await BareRepository(at: server.repository("shop"))
        try await bare.commit(["genericexecutor/a.sh": "first"])
        let directory = try TemporaryDirectory()
        let knownHosts = "\(directory.path)/known_hosts"
        try Files.write(try Files.read(server.knownHosts(.right)), to: knownHosts)
        let fixture = try CacheFixture(server.url("shop")) {
            $0.access.ssh = RemoteAccess.SSH(key: .file(server.key(.ed25519)), knownHostsFile: knownHosts)
        }
        _ = try await fixture.snapshot()
        // A new process, which keeps no connection of the old one.
        try fixture.reopen()
        try Files.replace(knownHosts, with: try Files.read(server.knownHosts(.wrong)))
        try await bare.commit(["genericexecutor/a.sh": "second"])
        let lease = try await fixture.snapshot()
        #expect(fixture.text("a.sh", .project, of: lease) == "first")
        #expect(lease.snapshot.staleness?.failureClass == "host key")

        try Files.replace(knownHosts, with: try Files.read(server.knownHosts(.right)))
        #expect(fixture.text("a.sh", .project, of: try await fixture.snapshot()) == "second")
    }

    @Test("A repository that is missing is not found", arguments: [false, true])
    func missing(acceptsProtocol: Bool) async throws {
        let server = try GitSSHServer(acceptsProtocol: acceptsProtocol)
        await expectFailure("not found", try fixture(server, "none"), "missing")
    }

    @Test("Several refreshes use one connection", arguments: [false, true])
    func keptConnection(acceptsProtocol: Bool) async throws {
        let server = try GitSSHServer(acceptsProtocol: acceptsProtocol)
        let bare = try await BareRepository(at: server.repository("shop"))
        let fixture = try fixture(server)
        for number in 0..<5 {
            let text = "change \(number)"
            try await bare.commit(["genericexecutor/a.sh": .file(Array(text.utf8))])
            #expect(fixture.text("a.sh", .project, of: try await fixture.snapshot()) == text)
        }
        #expect(try server.connections() == 1)
        #expect(try server.sessions() >= 5)
    }

    @Test func aServerThatIsDownIsServedFromTheCache() async throws {
        var server: GitSSHServer? = try GitSSHServer()
        let directory = try TemporaryDirectory()
        let (key, knownHosts) = ("\(directory.path)/key", "\(directory.path)/known_hosts")
        try Files.write(try Files.read(try #require(server).key(.ed25519)), to: key)
        try Files.write(try Files.read(try #require(server).knownHosts(.right)), to: knownHosts)
        try await BareRepository(at: try #require(server).repository("shop")).commit(["genericexecutor/a.sh": "first"])
        let fixture = try CacheFixture(try #require(server).url("shop")) {
            $0.access.ssh = RemoteAccess.SSH(key: .file(key), knownHostsFile: knownHosts)
        }
        _ = try await fixture.snapshot()
        server = nil
        let lease = try await fixture.snapshot()
        #expect(fixture.text("a.sh", .project, of: lease) == "first")
        #expect(lease.snapshot.staleness?.failureClass == "connect")
    }

    @Test func aServerThatSaysNothingIsGivenUp() async throws {
        let (silent, server) = (try SilentServer(), try GitSSHServer())
        let fixture = try CacheFixture("ssh://git@127.0.0.1:\(silent.port)/shop.git") {
            $0.access.ssh = RemoteAccess.SSH(
                key: .file(server.key(.ed25519)),
                knownHostsFile: server.knownHosts(.right)
            )
        }
        let error = await #expect(throws: RepoCacheError.self) { try await fixture.snapshot(within: .seconds(25)) }
        #expect(["timeout", "connect"].contains(error?.failureClass), "\(String(describing: error))")
        FaultFixture.expectSentence(error?.description ?? "", names: "127.0.0.1:\(silent.port)", "silent")
    }
}
