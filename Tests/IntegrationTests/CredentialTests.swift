import Basics
import CloudEvents
import Processes
import ServerTestSupport
import TestSupport
import Testing

/// The built program with credentials that it is not told on its command line, against nginx and `git http-backend` with TLS and a
/// password.
@Suite(.timeLimit(.minutes(3))) struct CredentialTests {
    let server: GitHTTPServer
    let directory: TemporaryDirectory
    let keptn: EventRecorder

    /// As Basic authentication sends them.
    private static let basic = Base64.encode(Array("\(GitHTTPServer.user):\(GitHTTPServer.password)".utf8))

    /// Prints the password as it is and as it is sent, and looks for it where others could see it.
    private static let script = """
        token=s3c; token=${token}ret
        echo "token $token"
        printf 'keptn:%s' "$token" | base64
        processes="$PPID $(cat /proc/$PPID/task/*/children)"
        found=no
        for process in $processes; do
          line=$(tr '\\0' ' ' < /proc/$process/cmdline)
          case "$line" in *"$token"*) found=yes ;; esac
        done
        case "$(env)" in *"$token"*) found=yes ;; esac
        set -- $processes
        test $# -ge 2 && echo "seen $found"
        """

    init() async throws {
        server = try GitHTTPServer()
        directory = try TemporaryDirectory()
        keptn = try await EventRecorder.start()
        let repository = try await BareRepository(at: server.repository("sockshop"))
        try await repository.commit(["genericexecutor/test.triggered.sh": .file(Array(Self.script.utf8))])
    }

    /// The secret as each version of Keptn keeps it.
    private func secret(_ era: String) throws -> JSON {
        let authority = String(decoding: try Files.read(server.caFile), as: UTF8.self)
        let remote = JSON.string(server.https("/private/sockshop.git"))
        let (user, token) = (JSON.string(GitHTTPServer.user), JSON.string(GitHTTPServer.password))
        return switch era {
        case "0.6": ["user": user, "token": token, "remoteURI": remote]
        case "0.14":
            [
                "user": user, "token": token, "remoteURI": remote, "gitPemCertificate": .string(authority), "privateKey": "",
                "privateKeyPass": "", "gitProxyUrl": "", "insecureSkipTLS": true,
            ]
        default:
            [
                "remoteURL": remote, "user": user,
                "https": [
                    "token": token, "certificate": .string(Base64.encode(Array(authority.utf8))), "insecureSkipTLS": false,
                ],
            ]
        }
    }

    private func run(_ service: ServiceProcess, id: String) async throws -> (output: String?, reason: String?) {
        _ = try await service.post(KeptnEvent.v08("sh.keptn.event.test.triggered", id: id))
        let record = await service.logEntry { entry in
            let messages = ["run finished", "nothing to run", "the scripts could not be had"]
            return entry["event.id"]?.string == id && messages.contains(entry["message"]?.string ?? "")
        }
        let ran = service.log.last { $0["event.id"]?.string == id && $0["message"] == "file ran" }
        return (ran?["output"]?.string, record?["reason"]?.string)
    }

    /// Nothing of the password is in what left the service, nor in what it keeps.
    private func expectNoSecret(_ service: ServiceProcess) async throws {
        let texts = service.log.map(\.text) + keptn.events.map { String(decoding: $0.raw, as: UTF8.self) }
        for text in texts { #expect(!text.contains(GitHTTPServer.password) && !text.contains(Self.basic), "\(text)") }
        let kept = service.directory.path
        for secret in [GitHTTPServer.password, Self.basic] {
            let search = Command("/usr/bin/grep", ["-rlF", "--", secret, kept], environment: ["PATH": "/usr/bin:/bin"])
            let found = try await search.collect(until: .after(.seconds(30)))
            #expect(found.exit.code == 1, "\(found.standardOutput.text)\(found.standardError.text)")
        }
    }

    @Test(
        "Keptn's own secret of each version opens the repository, and nothing of it is seen",
        arguments: ["0.6", "0.14", "0.17"]
    )
    func keptnSecret(era: String) async throws {
        try directory.write(try secret(era).text, to: "git-credentials-sockshop/git-credentials")
        var settings = ["GIT_CREDENTIALS_DIRECTORY": directory.path, "EVENTBROKER": keptn.url]
        // That version knew no certificates.
        if era == "0.6" { settings["GIT_CA_FILE"] = server.caFile }
        let service = try await ServiceProcess.start(settings)
        let output = try await run(service, id: era).output
        #expect(output == "token ***\n***\nseen no\n", "\(service.log.last?.text ?? "")")
        try await keptn.wait(for: 2)
        #expect(keptn.events.last?.dataObject?["message"]?.string == output)
        #expect(try await service.stop() == 0)
        try await expectNoSecret(service)
    }

    @Test("A token that comes after the start opens the repository, and is masked")
    func lateToken() async throws {
        let settings = [
            "GIT_REMOTE": server.https("/private/{project}.git"), "GIT_USER": GitHTTPServer.user, "GIT_CA_FILE": server.caFile,
            "GIT_TOKEN_FILE": directory.path + "/token", "EVENTBROKER": keptn.url,
        ]
        let service = try await ServiceProcess.start(settings)
        let before = try await run(service, id: "before")
        #expect(before.output == nil && before.reason?.contains("401") == true)
        try directory.write(GitHTTPServer.password + "\n", to: "token")
        var after = try await run(service, id: "after")
        // A refusal may be remembered for a moment.
        for attempt in 0..<600 where after.output == nil { after = try await run(service, id: "after \(attempt)") }
        #expect(after.output == "token ***\n***\nseen no\n", "\(after.reason ?? "")")
        try await keptn.wait(for: 2)
        #expect(try await service.stop() == 0)
        try await expectNoSecret(service)
    }

    @Test("A .netrc file opens the repository; the secret of another server opens nothing, and is not shown")
    func netrcAndOtherServer() async throws {
        let netrc = "machine localhost login \(GitHTTPServer.user) password \(GitHTTPServer.password)\n"
        let settings = [
            "GIT_REMOTE": server.https("/private/{project}.git"), "GIT_CA_FILE": server.caFile, "EVENTBROKER": keptn.url,
        ]
        let file = try directory.write(netrc, to: "netrc")
        let first = try await ServiceProcess.start(settings.merging(["GIT_NETRC_FILE": file]) { _, new in new })
        #expect(try await run(first, id: "netrc").output == "token ***\n***\nseen no\n")
        #expect(try await first.stop() == 0)
        let other = try secret("0.6").text.replacing("https://localhost:", with: "https://127.0.0.1:")
        try directory.write(other, to: "secrets/git-credentials-sockshop")
        let secrets = ["GIT_CREDENTIALS_DIRECTORY": directory.path + "/secrets"]
        let second = try await ServiceProcess.start(settings.merging(secrets) { _, new in new })
        #expect(try await run(second, id: "other").reason?.contains("401") == true)
        let warning = second.log.first { $0["message"] == "repository" }?["warning"]?.string
        #expect(warning?.contains("nothing of it is used") == true)
        #expect(try await second.stop() == 0)
        try await expectNoSecret(second)
    }
}
