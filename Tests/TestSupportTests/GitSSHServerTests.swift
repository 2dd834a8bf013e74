import Basics
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct GitSSHServerTests {
    private func ask(
        _ server: GitSSHServer,
        _ repository: String = "shop",
        key: GitSSHServer.Key = .ed25519,
        knownHosts: GitSSHServer.KnownHosts = .right
    ) async throws -> GitClient.Answer {
        let options = [
            "BatchMode=yes", "StrictHostKeyChecking=yes", "IdentitiesOnly=yes", "IdentityAgent=none",
            "UserKnownHostsFile=\(server.knownHosts(knownHosts))", "GlobalKnownHostsFile=/dev/null",
        ]
        let command = (["/usr/bin/ssh", "-F", "none", "-i", server.key(key)] + options.flatMap { ["-o", $0] }).joined(
            separator: " "
        )
        return try await GitClient.run(
            "ls-remote",
            server.url(repository),
            environment: ["GIT_SSH_COMMAND": command, "GIT_TRACE_PACKET": "1"]
        )
    }

    @Test func keysAndKnownHostsDecideWhoGetsIn() async throws {
        let server = try GitSSHServer()
        let commit = try await BareRepository(at: server.repository("shop")).commit(["a": "1"])
        for key in [GitSSHServer.Key.ed25519, .ecdsa, .rsa] {
            let answer = try await ask(server, key: key)
            #expect(answer.output.contains("\(commit)\trefs/heads/main"), "\(key): \(answer.errors)")
            #expect(!answer.errors.contains("version 2"))
        }
        #expect(try server.connections() == 3)
        #expect(try server.sessions() == 3)
        for key in [GitSSHServer.Key.encrypted, .stranger] {
            let answer = try await ask(server, key: key)
            #expect(!answer.isSuccess && answer.errors.contains("Permission denied (publickey)"), "\(key): \(answer.errors)")
        }
        for knownHosts in [GitSSHServer.KnownHosts.hashed, .rsa] {
            #expect(try await ask(server, knownHosts: knownHosts).isSuccess, "\(knownHosts)")
        }
        for (knownHosts, text) in [(GitSSHServer.KnownHosts.wrong, "IDENTIFICATION HAS CHANGED"), (.empty, "host key is known")] {
            let answer = try await ask(server, knownHosts: knownHosts)
            #expect(!answer.isSuccess && answer.errors.contains(text), "\(knownHosts): \(answer.errors)")
        }
        let fingerprint = try #require(try server.fingerprints()["ED25519"])
        #expect(try await ask(server, knownHosts: .wrong).errors.contains(fingerprint))
        #expect(try server.connections() == 10)
        #expect(try server.sessions() == 5)
        #expect(try server.fingerprints().keys.sorted() == ["ECDSA", "ED25519", "RSA"])
        #expect(try !server.packets().contains("version 2"))
    }

    @Test func aServerThatTakesTheVariableSpeaksVersion2() async throws {
        let server = try GitSSHServer(acceptsProtocol: true)
        try await BareRepository(at: server.repository("shop")).commit(["a": "1"])
        let answer = try await ask(server)
        #expect(answer.isSuccess && answer.errors.contains("version 2"), "\(answer.errors)")
        #expect(try server.packets().contains("version 2"))
        let missing = try await ask(server, "none")
        #expect(!missing.isSuccess && missing.errors.contains("does not appear to be a git repository"), "\(missing.errors)")
    }
}
