import Basics
import CloudEvents
import Curl
import Glibc
import Processes
import ServerTestSupport
import TestSupport
import Testing

/// What scripts try to reach, as another user (`SCRIPT_USER`), in the sandbox (`SCRIPT_SANDBOX`), with both, and with nothing, where
/// it must work: otherwise the attempt would prove nothing.
@Suite(.serialized, .timeLimit(.minutes(3)), .enabled(if: HostileFixture.canChangeUser, "needs root")) struct ConfinedScriptTests
{
    struct Guard: OptionSet, Sendable, Hashable, CustomTestStringConvertible {
        let rawValue: Int

        static let user = Guard(rawValue: 1)
        static let sandbox = Guard(rawValue: 2)

        var testDescription: String { ["nothing", "user", "sandbox", "user and sandbox"][rawValue] }
    }

    struct Attempt: Sendable {
        let name: String
        /// Shell text that succeeds if the goal is reached.
        let script: String
        /// Each of these alone is in the way.
        let refusedBy: Guard
        /// Whether root reaches it without any of them.
        var works = true
    }

    static let attempts: [Attempt] = [
        Attempt(name: "credential", script: "cat $CREDENTIAL", refusedBy: [.user, .sandbox]),
        Attempt(name: "credential-by-proc", script: "cat /proc/self/root$CREDENTIAL", refusedBy: [.user, .sandbox]),
        Attempt(name: "credential-by-link", script: "ln -s $CREDENTIAL $HOME/l && cat $HOME/l", refusedBy: [.user, .sandbox]),
        Attempt(name: "credential-by-hard-link", script: "ln $CREDENTIAL $HOME/h && cat $HOME/h", refusedBy: [.user, .sandbox]),
        Attempt(name: "data", script: "ls $DATA", refusedBy: [.user, .sandbox]),
        Attempt(name: "database", script: "head -c 1 $DATA/database", refusedBy: [.user, .sandbox]),
        Attempt(name: "other-run", script: "cat $VICTIM/private", refusedBy: .sandbox),
        Attempt(name: "other-run-list", script: "ls $VICTIM", refusedBy: .sandbox),
        Attempt(name: "other-run-environment", script: "head -c 1 /proc/$VICTIM_PID/environ", refusedBy: .sandbox),
        Attempt(name: "other-run-directory", script: "ls /proc/$VICTIM_PID/cwd/", refusedBy: .sandbox),
        Attempt(name: "other-run-signal", script: "kill -0 $VICTIM_PID", refusedBy: .sandbox),
        Attempt(name: "snapshot-new", script: "echo x > $FOLDER/new", refusedBy: [.user, .sandbox]),
        Attempt(name: "snapshot-change", script: "echo '#' >> $FOLDER/test.triggered.sh", refusedBy: [.user, .sandbox]),
        Attempt(name: "snapshot-remove", script: "rm $FOLDER/extra.triggered.sh", refusedBy: [.user, .sandbox]),
        // Landlock knows neither modes nor the limits of others.
        Attempt(name: "snapshot-mode", script: "chmod 700 $FOLDER", refusedBy: .user),
        Attempt(name: "limits-of-service", script: "prlimit --pid $SERVICE", refusedBy: .user),
        Attempt(name: "signal", script: "kill -0 $SERVICE", refusedBy: [.user, .sandbox]),
        Attempt(name: "environment", script: "head -c 1 /proc/$SERVICE/environ", refusedBy: [.user, .sandbox]),
        Attempt(name: "memory", script: "exec 3< /proc/$SERVICE/mem", refusedBy: [.user, .sandbox]),
        Attempt(name: "descriptors", script: "ls -l /proc/$SERVICE/fd/0", refusedBy: [.user, .sandbox]),
        Attempt(
            name: "trace",
            script: "python3 -c 'import ctypes, sys; sys.exit(ctypes.CDLL(None).ptrace(0x4206, '$SERVICE', 0, 0) != 0)'",
            refusedBy: [.user, .sandbox]
        ),
        Attempt(name: "capabilities", script: "! grep -q '^CapEff:.0*$' /proc/self/status", refusedBy: [.user, .sandbox]),
        Attempt(name: "raw-device", script: "mknod $HOME/disk b 7 0", refusedBy: [.user, .sandbox]),
        Attempt(name: "set-user-id", script: #"[ "$($TOOLS/id -u)" = 0 ]"#, refusedBy: .user),
        Attempt(name: "su", script: #"[ "$(su -c 'id -u' < /dev/null)" = 0 ]"#, refusedBy: [.user, .sandbox]),
        Attempt(name: "become-root", script: "python3 -c 'import os; os.setuid(0)'", refusedBy: .user),
        Attempt(name: "become-group", script: "python3 -c 'import os; os.setgroups([0])'", refusedBy: [.user, .sandbox]),
        Attempt(name: "own-descriptors", script: "[ -e /proc/self/fd/3 ] || exit 1", refusedBy: [], works: false),
        Attempt(name: "terminal", script: "exec 3<> /dev/tty", refusedBy: [], works: false),
    ]

    @Test("Scripts reach nothing that is not theirs", arguments: [[], .user, .sandbox, [.user, .sandbox]] as [Guard])
    func attempts(confined: Guard) async throws {
        if confined.contains(.sandbox), Sandbox.version == 0 { return print("not tested: this kernel lacks Landlock") }
        let tools = try TemporaryDirectory()
        chmod(tools.path, 0o755)
        try Files.write(try Files.read("/usr/bin/id"), to: tools.path + "/id")
        chmod(tools.path + "/id", 0o4755)
        var settings = ["SCRIPT_TIMEOUT": "60s", "SHUTDOWN_TIMEOUT": "100ms"]
        if confined.contains(.user) { settings["SCRIPT_USER"] = confined.contains(.sandbox) ? "54343" : "54344" }
        if confined.contains(.sandbox) {
            // All of the machine: what stays closed is closed because it is protected.
            settings.merge(["SCRIPT_SANDBOX": "landlock", "SCRIPT_READ": "/"]) { $1 }
        }
        let fixture = try await HostileFixture(settings)
        try await fixture.commit("echo private > private; echo $$ > pid; mv pid ready; exec sleep 900", task: "wait")
        try await fixture.commit("echo extra", task: "extra")
        _ = try await fixture.service.post(KeptnEvent.v08("sh.keptn.event.wait.triggered", id: "victim"))
        var victim: String?
        try await waitUntil {
            victim = try find(fixture.data) { $0.hasSuffix("/ready") }.first
            return victim != nil
        }
        let ready = try #require(victim)
        try Files.write(Array("rows".utf8), to: fixture.data + "/database")
        let variables: KeyValuePairs = [
            "CREDENTIAL": fixture.credential, "DATA": fixture.data,
            "VICTIM": String(ready.dropLast("/ready".utf8.count)), "TOOLS": tools.path,
            "VICTIM_PID": String(decoding: try Files.read(ready), as: UTF8.self).filter { $0 != "\n" },
        ]
        let script =
            variables.map { "export \($0)='\($1)'\n" }.joined() + "export SERVICE=$PPID FOLDER=$(dirname \"$0\")\n"
            + Self.attempts.map { attempt in
                let body = attempt.script.replacing("'", with: "'\\''")
                return "bash -c '\(body)' > /dev/null 2>&1 && echo \(attempt.name) || echo -\n"
            }.joined()
        try await fixture.commit(script)
        let answer = try await fixture.run(id: "attacker")
        let lines = answer["message"]?.string?.split(separator: "\n").map(String.init) ?? []
        try #require(lines.count == Self.attempts.count, "\(JSON.object(answer).text)")
        for (attempt, line) in zip(Self.attempts, lines) {
            let isReached = line == attempt.name
            let isExpected = attempt.works && attempt.refusedBy.isDisjoint(with: confined)
            #expect(isReached == isExpected, "\(attempt.name)")
        }
        #expect(try await fixture.service.get("/health").status == 200)
        _ = try await fixture.service.stop()
        try await waitUntil { try fixture.remnants().isEmpty }
    }

    /// The files below `directory` of which the path is wanted.
    private func find(_ directory: String, where isWanted: (String) -> Bool) throws -> [String] {
        try Files.list(directory).flatMap { name -> [String] in
            let path = "\(directory)/\(name)"
            if Files.isDirectory(path) { return try find(path, where: isWanted) }
            return isWanted(path) ? [path] : []
        }
    }
}
