import Basics
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct GitDaemonTests {
    @Test("Repositories are served, and what is missing is refused", arguments: [true, false])
    func serves(isInformative: Bool) async throws {
        let daemon = try GitDaemon(isInformative: isInformative)
        let commit = try await BareRepository(at: daemon.repository("shop")).commit(["a": "1"])
        let answer = try await GitClient.run("ls-remote", daemon.url("shop"))
        #expect(answer.output.contains("\(commit)\trefs/heads/main"), "\(answer.errors)")
        let missing = try await GitClient.run("ls-remote", daemon.url("none"))
        let text = isInformative ? "no such repository" : "access denied or repository not exported"
        #expect(!missing.isSuccess && missing.errors.contains(text), "\(missing.errors)")
        #expect(try daemon.connections() == 2)
    }
}
