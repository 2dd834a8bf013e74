import Basics
import Processes
import TestSupport
import Testing

@testable import Git

private let key = "debug1: Server host key: ssh-ed25519 SHA256:55e86jIYe7pHzBkemmDHAmoNrCN1g7I293YBJxxrLCA"

@Suite struct SSHReportTests {
    private let address = SSHAddress(user: "git", host: "git.example", port: nil, path: "/shop.git")

    @Test(
        "What ssh writes has a class and a sentence",
        arguments: [
            (
                "\(key)\nNo ED25519 host key is known for git.example and you have requested strict checking.\n"
                    + "Host key verification failed.", GitError.FailureClass.hostKey,
                "git.example (ssh-ed25519 SHA256:55e86jIYe7pHzBkemmDHAmoNrCN1g7I293YBJxxrLCA) is not known"
            ),
            (
                "\(key)\n@@@@@@@\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nHost key for git.example has changed "
                    + "and you have requested strict checking.\nHost key verification failed.", .hostKey,
                "is not the one that is known"
            ),
            ("ssh: Could not resolve hostname git.example: Name or service not known", .dns, "no address"),
            ("ssh: connect to host git.example port 22: Connection refused", .connect, "Connection refused"),
            ("ssh: connect to host git.example port 22: Connection timed out", .connect, "timed out"),
            (
                "kex_exchange_identification: Connection closed by remote host\nConnection closed by 10.0.0.1 port 22", .connect,
                "closed"
            ),
            ("Unable to negotiate with 10.0.0.1 port 22: no matching host key type found. Their offer: ssh-dss", .tls, "ssh-dss"),
            ("git@git.example: Permission denied (publickey).", .auth, "GIT_SSH_KEY_FILE"),
            (
                "Load key \"/etc/key\": Permission denied\ngit@git.example: Permission denied (publickey).", .auth,
                "Load key \"/etc/key\": Permission denied"
            ),
            (
                "Load key \"/k\": incorrect passphrase supplied to decrypt private key\ngit@x: Permission denied (publickey).",
                .auth, "GIT_SSH_KEY_PASSPHRASE"
            ),
            (
                "fatal: '/shop.git' does not appear to be a git repository\nfatal: Could not read from remote repository.",
                .notFound, "no such"
            ),
            ("ERROR: Repository not found.", .notFound, "no such repository"),
            ("Something else\u{1B}[0m", .server, "ssh says 'Something else [0m'"),
        ]
    )
    func failures(text: String, failureClass: GitError.FailureClass, part: String) throws {
        let error = try #require(SSHReport("OpenSSH_9.2p1\ndebug1: Connecting\n" + text).failure(reaching: address))
        #expect(error.failureClass == failureClass)
        #expect(error.message.contains(part), "\(error)")
        #expect(error.description.hasPrefix("cannot reach ssh://git@git.example/shop.git: ") && !error.description.contains("\n"))
    }

    @Test func debuggingAloneIsNoFailure() {
        #expect(
            SSHReport("OpenSSH_9.2p1\n\(key)\ndebug1: Exit status 0\nTransferred: sent 1\n").failure(reaching: address) == nil
        )
        #expect(SSHReport(key).hostKey == "ssh-ed25519 SHA256:55e86jIYe7pHzBkemmDHAmoNrCN1g7I293YBJxxrLCA")
        #expect(SSHReport("").hostKey == nil)
    }

    @Test func anyTextIsReadInOneCleanLine() {
        let seed = UInt64.random(in: 0 ... .max)
        var fuzzer = Fuzzer(seed: seed)
        let text = Array("\(key)\nHost key verification failed.\nPermission denied\nfatal: not found\n".utf8)
        for round in 0..<2_000 {
            let report = SSHReport(
                String(decoding: fuzzer.mutate(text, tokens: ["\n", "debug1: ", "@", "timeout"]), as: UTF8.self)
            )
            let sentence = report.failure(reaching: address)?.description ?? ""
            #expect(!sentence.contains { $0.isNewline }, "seed \(seed), round \(round)")
        }
    }
}

@Suite struct SSHCommandTests {
    private func command(_ url: String, knownHosts: String? = nil, key: RemoteAccess.Material? = nil, passphrase: String? = nil)
        throws
        -> (command: SSHCommand, directory: TemporaryDirectory)
    {
        guard case .ssh(let address) = try RemoteURL(url).place else { throw GitError(.unsupported, "test", url) }
        let directory = try TemporaryDirectory()
        let access = RemoteAccess.SSH(key: key, passphrase: passphrase, knownHostsFile: knownHosts)
        let command = SSHCommand(
            program: "/usr/bin/ssh",
            address: address,
            files: try SSHFiles(access, in: directory.path),
            knownHostsFile: knownHosts,
            hasPassphrase: passphrase != nil
        )
        return (command, directory)
    }

    @Test func thePathIsOneWordOfTheServersShell() throws {
        let session = try command("ssh://git@host:2222/a%20b'c!$(touch%20x)").command.session(at: "s")
        #expect(session.arguments.last == "git-upload-pack '/a b'\\''c'\\!'$(touch x)'")
        #expect(session.arguments.suffix(7).dropLast() == ["-p", "2222", "-l", "git", "--", "host"])
        #expect(session.arguments.contains("StrictHostKeyChecking=yes") && session.arguments.contains("BatchMode=yes"))
    }

    @Test func noSecretIsAnArgumentOrAVariable() throws {
        let (command, directory) = try command(
            "git@host:x",
            knownHosts: "/etc/a \"b\"%c",
            key: .text("s3cret-key"),
            passphrase: "s3cret"
        )
        for process in [command.connection(at: "s"), command.session(at: "s")] {
            #expect(!"\(process.arguments) \(process.environment)".contains("s3cret"))
            // Others see them: who knows the path can connect to the socket that is there.
            #expect(!"\(process.arguments) \(process.environment)".contains(directory.path))
            #expect(process.arguments.contains("IdentityFile=\"key\""))
            #expect(process.environment["SSH_ASKPASS_REQUIRE"] == "force" && process.arguments.contains("BatchMode=no"))
            #expect(process.arguments.contains("UserKnownHostsFile=\"/etc/a \\\"b\\\"%%c\""))
        }
        #expect(String(decoding: try Files.read("\(directory.path)/key"), as: UTF8.self) == "s3cret-key\n")
    }
}
