import Basics
import Glibc
import TestSupport
import Testing

@testable import Processes

/// Programs that do not want to end, or not when they are told.
@Suite(.timeLimit(.minutes(3))) struct EscapeTests {
    private let directory = try! TemporaryDirectory()

    private func python(_ script: String, _ confinement: Confinement = Confinement()) -> Command {
        Command(
            "/usr/bin/python3",
            ["-c", script],
            environment: ["PATH": "/usr/bin:/bin"],
            directory: directory.path,
            confinement: confinement
        )
    }

    private func bash(_ script: String, _ confinement: Confinement = Confinement()) -> Command {
        Command(
            "/bin/bash",
            ["-c", script],
            environment: ["PATH": "/usr/bin:/bin"],
            directory: "/",
            confinement: confinement
        )
    }

    /// Python that cannot be ended but by SIGKILL, and tells when it is ready.
    private static let stayOn = """
        import os, signal, time
        for number in set(range(1, 65)) - {9, 19, 32, 33}: signal.signal(number, signal.SIG_IGN)
        %
        print("ready", flush=True)
        while True: time.sleep(1)
        """

    @Test(
        "A leader that will not end gets SIGKILL after time limit and grace, wherever it went",
        arguments: [
            ("an endless loop", "print('ready', flush=True)\nwhile True: pass"),
            ("it stops itself", "print('ready', flush=True)\nwhile True: os.kill(os.getpid(), signal.SIGSTOP)"),
            ("it closes its outputs", "print('ready', flush=True); os.close(1); os.close(2)\nwhile True: time.sleep(1)"),
            ("it joins the group of who started it", "os.setpgid(0, os.getpgid(os.getppid()))"),
            ("it leaves for a session of its own", "os.setpgid(0, os.getpgid(os.getppid())); os.setsid()"),
            (
                "it joins the group of its child",
                "child = os.fork()\nif child == 0:\n  import ctypes; ctypes.CDLL(None).prctl(1, 9); os.setpgid(0, 0); time.sleep(60)\n"
                    + "os.setpgid(child, child); os.setpgid(0, child)"
            ),
        ]
    )
    func stubborn(name: String, script: String) async throws {
        let command = python(Self.stayOn.replacing("%", with: script))
        let output = try await command.collect(until: .after(.seconds(2)), grace: .milliseconds(100))
        #expect(output.standardOutput.text == "ready\n")
        #expect(output.exit.status == .signalled(Int(SIGKILL)))
        #expect(output.exit.stopCause == .deadline)
    }

    @Test("A leader that left its group gets SIGTERM, once, wherever it went")
    func politeElsewhere() async throws {
        let script = """
            import os, signal, time
            def bye(*_): print("bye", flush=True)
            signal.signal(signal.SIGTERM, bye)
            os.setpgid(0, os.getpgid(os.getppid()))
            while True: time.sleep(0.01)
            """
        let output = try await python(script).collect(until: .after(.seconds(1)), grace: .milliseconds(500))
        #expect(output.standardOutput.text == "bye\n")
        #expect(output.exit.status == .signalled(Int(SIGKILL)))
    }

    @Test("One that others end, and one that only says so, are told apart")
    func endedByOthers() async throws {
        let (pids, announce) = AsyncStream.makeStream(of: pid_t.self)
        let task = Task {
            try await bash("echo $$; exec sleep 81").run(until: .after(.seconds(60))) { output in
                if let pid = pid_t(String(decoding: output.bytes, as: UTF8.self).dropLast()) { announce.yield(pid) }
            }
        }
        for await pid in pids {
            kill(pid, SIGKILL)
            break
        }
        let killed = try await task.value
        #expect(killed.status == .signalled(Int(SIGKILL)) && killed.stopCause == nil)
        let said = try await bash("exit 137").collect(until: .after(.seconds(60))).exit
        #expect(said.status == .exited(137) && said.stopCause == nil)
    }

    @Test("One that closes its outputs runs on to its end")
    func closedOutputs() async throws {
        let file = "\(directory.path)/late"
        let output = try await bash("echo x; exec >&- 2>&-; sleep 0.2; touch \(file); exit 5").collect(
            until: .after(.seconds(60))
        )
        #expect(output.exit.status == .exited(5))
        #expect(output.standardOutput.text == "x\n")
        #expect(Files.exists(file))
    }

    @Test("Both streams may flood at once: all is counted, little is kept")
    func flood() async throws {
        let script = "head -c 20000000 /dev/zero & head -c 20000000 /dev/zero >&2 & wait; echo end; echo end >&2"
        let output = try await bash(script).collect(until: .after(.seconds(60)), limit: 4_096)
        for stream in [output.standardOutput, output.standardError] {
            #expect(stream.count == 20_000_004)
            #expect(stream.text.hasSuffix("\0end\n"))
            #expect(stream.text.utf8.count <= 4_096)
        }
    }

    @Test("A file beyond the limit ends the program by SIGXFSZ, and is no larger")
    func fileSize() async throws {
        let file = "\(directory.path)/large"
        let limits = ResourceLimits(fileSize: 65_536)
        let exit = try await bash("exec head -c 1000000 /dev/zero > \(file)", Confinement(limits: limits))
            .collect(until: .after(.seconds(60))).exit
        #expect(exit.status == .signalled(Int(SIGXFSZ)))
        #expect(try Files.read(file).count == 65_536)
    }

    @Test("Memory beyond the limit is refused to the program, which can say so")
    func memory() async throws {
        let script = "try:\n  x = bytearray(1 << 30)\nexcept MemoryError: print('refused')"
        let output = try await python(script, Confinement(limits: ResourceLimits(memory: 512 << 20)))
            .collect(until: .after(.seconds(60)))
        #expect(output.standardOutput.text == "refused\n")
    }

    @Test(
        "A fork bomb under a limit of processes is over after time limit and grace",
        .enabled(if: geteuid() == 0, "needs root"),
        .enabled(if: getenv("HOSTILE") != nil, "starves the tests beside it; make hostile asks for it")
    )
    func forkBomb() async throws {
        let user = ProcessUser(uid: 54_331, gid: 54_331)
        let confinement = Confinement(user: user, limits: ResourceLimits(processes: 200))
        let bomb = "trap '' TERM; b() { b 2>/dev/null | b 2>/dev/null & }; b; b; while :; do :; done"
        let output = try await bash(bomb, confinement)
            .collect(until: .after(.seconds(2)), grace: .milliseconds(200))
        #expect(output.exit.stopCause == .deadline)
        #expect(output.exit.status == .signalled(Int(SIGKILL)))
        try await waitUntil { processes(of: user).isEmpty }
        // The limit is the user's, and free again.
        #expect(try await bash("true; true & wait", confinement).collect(until: .after(.seconds(60))).exit.isSuccess)
    }

    @Test(
        "Programs of the same user that stop all they can do not keep others from being started",
        .enabled(if: geteuid() == 0, "needs root"),
        .enabled(if: getenv("HOSTILE") != nil, "starves the tests beside it; make hostile asks for it")
    )
    func stoppedBeforeItRuns() async {
        // In a process of its own: its threads would be held up for ever.
        await #expect(processExitsWith: .success) {
            let user = ProcessUser(uid: 54_332, gid: 54_332)
            var attack = Command("/usr/bin/python3", ["-c", stopAll])
            attack.confinement.user = user
            let attacker = Task { [attack] in try await attack.collect(until: .after(.seconds(60)), grace: .milliseconds(100)) }
            try await withThrowingTaskGroup(of: ProcessExit.self) { group in
                for _ in 0..<400 {
                    group.addTask {
                        var victim = Command("/bin/true")
                        victim.confinement.user = user
                        return try await victim.collect(until: .after(.seconds(1)), grace: .milliseconds(10)).exit
                    }
                }
                for try await exit in group { #expect(exit.status != .unknown) }
            }
            attacker.cancel()
            _ = try await attacker.value
        }
    }

    private func processes(of user: ProcessUser) -> [pid_t] {
        ((try? Files.list("/proc")) ?? []).compactMap { pid_t($0) }.filter { pid in
            var status = stat()
            return stat("/proc/\(pid)", &status) == 0 && status.st_uid == user.uid
        }
    }
}

/// Python that stops every process that it may stop, again and again.
private let stopAll = """
    import os, signal
    while True:
        try: os.kill(-1, signal.SIGSTOP)
        except ProcessLookupError: pass
    """
