import CloudEvents
import Glibc
import ServerTestSupport
import TestSupport
import Testing

/// Scripts that leave something running, or do not want to end, through the built program: with a cgroup for each run where the
/// system lets us make one, and by adoption alone. Nothing of them is left.
@Suite(
    .serialized,
    .timeLimit(.minutes(3)),
    .enabled(if: getenv("HOSTILE") != nil, "starves the tests beside it; make hostile asks for it")
) struct ScriptEscapeTests {
    struct Escape: Sendable, CustomTestStringConvertible {
        let name: String
        var kind = "sh"
        let script: String
        /// The answer's result; nil: the time limit ends it.
        var result: String? = "pass"

        var testDescription: String { name }
    }

    private static let sleeper = #"bash -c 'trap "" HUP TERM; exec -a "$0" sleep 900' TOKEN"#

    static let escapes: [Escape] = [
        Escape(name: "a child that keeps the outputs open", script: "\(sleeper) & echo done"),
        Escape(name: "a session of its own", script: "setsid -f \(sleeper); echo done"),
        Escape(name: "a double fork", script: "( ( \(sleeper) & ) & ); echo done"),
        Escape(name: "a session of its own without an environment", script: "env -i setsid -f \(sleeper); echo done"),
        Escape(name: "a child with the marker of another run", script: "RUN_ID=other setsid -f \(sleeper); echo done"),
        Escape(name: "namespaces of its own", script: "unshare -Urpf setsid -f \(sleeper); echo done"),
        Escape(
            name: "a daemon",
            kind: "py",
            script: """
                import os, sys, time
                if os.fork() == 0:
                    os.setsid()
                    if os.fork(): os._exit(0)
                    os.chdir("/"); os.umask(0); os.closerange(0, 100)
                    os.execvpe("bash", ["TOKEN", "-c", "while :; do read -t 1 <> <(:); done", "TOKEN"], {"PATH": "/usr/bin:/bin"})
                time.sleep(0.2); print("done")
                """
        ),
        Escape(
            name: "a tree below a parent that adopts",
            kind: "py",
            script: """
                import ctypes, os, time
                if os.fork() == 0:
                    os.setsid(); ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
                    for number in range(20):
                        if os.fork() == 0:
                            os.setsid()
                            if os.fork() == 0: os.setsid(); os.execvpe("sleep", ["TOKEN", "900"], {"PATH": "/usr/bin:/bin"})
                            os._exit(0)
                    time.sleep(900)
                time.sleep(0.3); print("done")
                """
        ),
        Escape(
            name: "one that is never the same process for long",
            kind: "py",
            script: """
                import os, time
                if os.fork() == 0:
                    while True:
                        if os.fork(): os._exit(0)
                        os.setsid()
                time.sleep(0.3); print("done")
                """
        ),
        Escape(name: "an endless loop", script: "trap '' TERM; while :; do :; done", result: nil),
        Escape(name: "one that stops itself", script: "trap '' TERM; while :; do kill -STOP $$; done", result: nil),
        Escape(name: "one that is ended from outside", script: "setsid -f \(sleeper); kill -KILL $$", result: "fail"),
        Escape(
            name: "a leader that leaves its group for a session of its own",
            kind: "py",
            script: """
                import os, signal, time
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                os.setpgid(0, os.getpgid(os.getppid())); os.setsid()
                while True: time.sleep(1)
                """,
            result: nil
        ),
    ]

    @Test("Nothing is left of a script that hides what it started", arguments: escapes, ["true", "false"])
    func escape(escape: Escape, cgroups: String) async throws {
        let limit = escape.result == nil ? "1s" : "60s"
        let fixture = try await HostileFixture(["SCRIPT_CGROUPS": cgroups, "SCRIPT_TIMEOUT": limit])
        try await fixture.commit(escape.script, kind: escape.kind)
        let answer = try await fixture.run(id: "1")
        #expect(answer["result"]?.string == escape.result ?? "fail", "\(JSON.object(answer).text)")
        if escape.result == "pass" { #expect(answer["message"] == "done\n") }
        try await waitUntil { try fixture.remnants().isEmpty }
        #expect(try await fixture.service.stop() == 0)
    }

    @Test(
        "Of a fork bomb in sessions of their own nothing is left after the time limit",
        .enabled(if: HostileFixture.canChangeUser, "needs root"),
        .enabled(if: getenv("HOSTILE") != nil, "starves the tests beside it; make hostile asks for it"),
        arguments: ["true", "false"]
    )
    func bomb(cgroups: String) async throws {
        let fixture = try await HostileFixture([
            "SCRIPT_CGROUPS": cgroups, "SCRIPT_TIMEOUT": "2s", "SCRIPT_USER": cgroups == "true" ? "54341" : "54342",
            "SCRIPT_PROCESS_LIMIT": "60",
        ])
        let bomb = """
            import os, signal, time
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            while True:
                try:
                    if os.fork() == 0: os.setsid()
                except OSError: time.sleep(0.05)
            """
        try await fixture.commit(bomb, kind: "py")
        #expect(try await fixture.run(id: "1")["result"] == "fail")
        try await waitUntil { try fixture.remnants().isEmpty }
        // Its user's processes may be used by others again.
        try await fixture.commit("true & wait; echo calm", task: "calm")
        #expect(try await fixture.run(task: "calm", id: "2")["message"] == "calm\n")
        #expect(try await fixture.service.stop() == 0)
    }

    @Test(
        "A script with many daemons does not keep the service from reaping others",
        .enabled(if: getenv("HOSTILE") != nil, "starves the tests beside it; make hostile asks for it")
    )
    func manyDaemons() async throws {
        let fixture = try await HostileFixture(["SCRIPT_CGROUPS": "false"])
        let script = """
            for ((i = 0; i < 700; i++)); do setsid -f sleep 900; done
            for ((i = 0; i < 10; i++)); do (true &); done
            while grep -qs "^State:.Z" $(sed 's,[0-9]*,/proc/&/status,g' /proc/$PPID/task/$PPID/children); do sleep 0.05; done
            echo reaped
            """
        try await fixture.commit(script)
        #expect(try await fixture.run(id: "1")["message"] == "reaped\n")
        try await waitUntil { try fixture.remnants().isEmpty }
        #expect(try await fixture.service.stop() == 0)
    }
}
