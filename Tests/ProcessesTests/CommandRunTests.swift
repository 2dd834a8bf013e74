import Basics
import Glibc
import Processes
import TestSupport
import Testing

/// Real processes.
@Suite(.timeLimit(.minutes(3)))
struct CommandRunTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func bash(_ script: String, environment: [String: String] = ["PATH": "/usr/bin:/bin"]) -> Command {
        Command("/bin/bash", ["-c", script], environment: environment, directory: directory.path)
    }

    private func collect(_ script: String, limit: Int = 1 << 20) async throws -> CollectedOutput {
        try await bash(script).collect(until: .after(.seconds(30)), limit: limit)
    }

    @Test(
        "Exit status and signal are told apart",
        arguments: [
            ("exit 0", ProcessExit.Status.exited(0)), ("exit 7", .exited(7)), ("exit 137", .exited(137)),
            ("exit 255", .exited(255)),
            ("kill -KILL $$", .signalled(9)), ("kill -SEGV $$", .signalled(11)), ("kill -TERM $$", .signalled(15)),
        ]
    )
    func status(script: String, expected: ProcessExit.Status) async throws {
        let result = try await collect(script)
        #expect(result.exit.ending == ProcessExit(status: expected))
        #expect(result.exit.isSuccess == (expected == .exited(0)))
    }

    @Test("The two streams are kept apart")
    func streams() async throws {
        let result = try await collect("echo out; echo err >&2")
        #expect(result.standardOutput.text == "out\n")
        #expect(result.standardError.text == "err\n")
    }

    @Test("The child sees its own environment, directory, group and nothing else")
    func surroundings() async throws {
        let script = """
            echo "group $(ps -o pgid= -p $$ | tr -d ' ') $$"
            echo "directory $PWD"
            echo "umask $(umask)"
            echo "privileges $(grep NoNewPrivs /proc/$$/status | tr -d '\\t')"
            echo "blocked $(grep SigBlk /proc/self/status | tr -d '\\t')"
            echo "ignored $(grep SigIgn /proc/self/status | tr -d '\\t')"
            echo "stdin $(wc -c)"
            """
        let text = try await collect(script).standardOutput.text
        let lines = text.split(separator: "\n").map(String.init)
        try #require(lines.count == 7)
        let group = lines[0].split(separator: " ")
        #expect(group.count == 3 && group[1] == group[2])
        #expect(
            lines.dropFirst() == [
                "directory \(directory.path)", "umask 0077", "privileges NoNewPrivs:1", "blocked SigBlk:0000000000000000",
                "ignored SigIgn:0000000000000000", "stdin 0",
            ]
        )
        let environment = try await Command("/usr/bin/env", environment: ["A": "1", "B": "x=y z"])
            .collect(until: .after(.seconds(30)))
        #expect(environment.standardOutput.text == "A=1\nB=x=y z\n")
    }

    @Test("A file can be the standard input")
    func fileAsInput() async throws {
        let text = String(repeating: "line\n", count: 100_000)
        let file = try directory.write(text, to: "input")
        let result = try await Command("/bin/cat", input: .file(file)).collect(until: .after(.seconds(30)))
        #expect(result.exit.isSuccess && result.standardOutput.text == text)
        // Nobody writes to the pipe: opening it must not wait.
        try #require(mkfifo("\(directory.path)/pipe", 0o600) == 0)
        for (name, cause) in [("pipe", EINVAL), (".", EINVAL), ("missing", ENOENT), ("in\0put", EINVAL)] {
            let command = Command("/bin/cat", input: .file("\(directory.path)/\(name)"))
            let error = await #expect(throws: StartError.self) { try await command.collect(until: .after(.seconds(30))) }
            #expect(error?.errno == cause)
        }
    }

    @Test("Descriptors of the service do not reach the child, not even those without close-on-exec")
    func descriptors() async throws {
        let leaky = open("/dev/null", O_RDONLY)
        defer { close(leaky) }
        let list = try await Command("/bin/ls", ["/proc/self/fd"]).collect(until: .after(.seconds(30)))
        // The fourth is ls's own look at the directory.
        #expect(list.standardOutput.text == "0\n1\n2\n3\n")
    }

    @Test("A signal that the service ignores is not ignored by the child")
    func dispositions() async throws {
        let before = signal(SIGPIPE, SIG_IGN)
        defer { signal(SIGPIPE, before) }
        let text = try await collect("grep SigIgn /proc/self/status").standardOutput.text
        #expect(text == "SigIgn:\t0000000000000000\n")
    }

    @Test("At the deadline the group gets SIGTERM, and a handler may still speak")
    func deadline() async throws {
        let command = bash("trap 'echo bye; exit 3' TERM; echo hi; sleep 60 & wait")
        let result = try await command.collect(until: .after(.milliseconds(500)))
        #expect(result.exit.ending == ProcessExit(status: .exited(3), stopCause: .deadline))
        #expect(result.standardOutput.text == "hi\nbye\n")
    }

    @Test("A child that ignores SIGTERM gets SIGKILL after the grace, its own children too")
    func kill() async throws {
        let command = bash("trap '' TERM; sleep 61 & echo $! > child; while :; do sleep 1; done")
        let result = try await command.collect(until: .after(.milliseconds(500)), grace: .milliseconds(200))
        #expect(result.exit.ending == ProcessExit(status: .signalled(9), stopCause: .deadline))
        try await expectGone("child")
    }

    @Test("Cancelling the task stops the group")
    func cancel() async throws {
        let command = bash("trap 'exit 9' TERM; sleep 62 & echo $! > child; echo up; wait")
        let (started, signal) = AsyncStream.makeStream(of: Void.self)
        let task = Task { try await command.run(until: .after(.seconds(50))) { _ in signal.yield() } }
        for await _ in started { break }
        task.cancel()
        #expect(try await task.value.ending == ProcessExit(status: .exited(9), stopCause: .cancellation))
        try await expectGone("child")
    }

    @Test("A task that is cancelled already starts nothing")
    func cancelledBefore() async throws {
        let command = bash("touch started")
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await command.run(until: .after(.seconds(30))) { _ in }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(!Files.exists("\(directory.path)/started"))
    }

    @Test("A child left behind that holds the pipes does not delay the answer, and is killed")
    func leftBehind() async throws {
        let result = try await collect("sleep 63 & echo $! > child; echo done")
        #expect(result.exit.isSuccess)
        #expect(result.standardOutput.text == "done\n")
        try await expectGone("child")
    }

    @Test("A child left behind that writes for ever does not keep us reading")
    func leftBehindWriting() async throws {
        let result = try await collect("yes & echo $! > child; sleep 0.1", limit: 1_000)
        #expect(result.exit.isSuccess)
        #expect(result.standardOutput.isCut)
        try await expectGone("child")
    }

    @Test(
        "50 MB of output are read to the end and held in constant memory",
        .disabled(if: dlsym(nil, "__asan_init") != nil, "the address sanitizer holds on to freed memory")
    )
    func flood() async {
        // In a process of its own, whose memory nobody else uses.
        await #expect(processExitsWith: .success) {
            func residentBytes() throws -> Int {
                let text = String(decoding: try Files.read("/proc/self/statm"), as: UTF8.self)
                return try #require(text.split(separator: " ").dropFirst().first.flatMap { Int($0) }) * 4_096
            }
            let command = Command("/bin/bash", ["-c", "head -c 50000000 /dev/zero | tr '\\0' x; echo end; exit 4"])
            let before = try residentBytes()
            let result = try await command.collect(until: .after(.seconds(50)), limit: 65_536)
            #expect(result.exit.status == .exited(4))
            #expect(result.standardOutput.count == 50_000_004)
            #expect(result.standardOutput.text.hasSuffix("xend\n"))
            #expect(result.standardOutput.text.utf8.count <= 65_536)
            #expect(try residentBytes() - before < 20_000_000)
        }
    }

    @Test("All that was written before the exit arrives", arguments: 0..<20)
    func lastWords(round: Int) async throws {
        let result = try await collect("printf '%065000d' \(round); exit 1")
        #expect(result.standardOutput.count == 65_000)
    }

    @Test(
        "What cannot be started is an error with a sentence",
        arguments: [
            (Command("/no/such/program"), "cannot start /no/such/program: No such file or directory"),
            (Command("bash"), "cannot start bash: Invalid argument"),
            (Command("/etc"), "cannot start /etc: Permission denied"),
            (Command("/bin/true", directory: "/no/such"), "cannot change to directory /no/such: No such file or directory"),
            (
                Command("/bin/true", [String(repeating: "x", count: 131_072)]),
                "cannot start /bin/true: its arguments and environment are larger than the system allows"
            ),
            (
                Command("/bin/true", environment: ["A=B": "secret"]),
                "cannot pass a variable with a NUL or with a '=' in its name to /bin/true: Invalid argument"
            ),
            (
                Command("/bin/true", environment: ["A": "secret\u{0}"]),
                "cannot pass a variable with a NUL or with a '=' in its name to /bin/true: Invalid argument"
            ),
            (Command("/bin/true", ["a\u{0}b"]), "cannot pass an argument with a NUL to /bin/true: Invalid argument"),
        ]
    )
    func startErrors(command: Command, message: String) async throws {
        let error = await #expect(throws: StartError.self) { try await command.collect(until: .after(.seconds(30))) }
        #expect(error?.description == message)
    }

    @Test("A script without an interpreter line is an error with a sentence")
    func noInterpreterLine() async throws {
        let file = try directory.write("echo hi\n", to: "script")
        chmod(file, 0o700)
        let error = await #expect(throws: StartError.self) { try await Command(file).collect(until: .after(.seconds(30))) }
        #expect(error?.description.contains("neither a program for this machine nor a script") == true)
    }

    @Test("200 runs, good, failed and stopped ones, leave no descriptor and no child behind")
    func nothingLeaks() async {
        // In a process of its own: other tests open descriptors and start children at the same time.
        await #expect(processExitsWith: .success) {
            func bash(_ script: String, _ limit: Duration = .seconds(30)) async throws {
                _ = try await Command("/bin/bash", ["-c", script]).collect(until: .after(limit))
            }
            try await bash("true")
            let before = try Files.list("/proc/self/fd").count
            for _ in 0..<50 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await bash("echo x") }
                    group.addTask { try await bash("exec sleep 64", .milliseconds(5)) }
                    group.addTask { _ = try? await Command("/no/such").collect(until: .after(.seconds(30))) }
                    group.addTask { try await bash("sleep 65 & exit 1") }
                    try await group.waitForAll()
                }
            }
            #expect(try Files.list("/proc/self/fd").count == before)
            // Neither running nor a zombie: there is no child to wait for.
            #expect(waitpid(-1, nil, WNOHANG) == -1)
            #expect(errno == ECHILD)
        }
    }

    @Test("Children die with the service, also when it is killed")
    func parentDeath() async throws {
        let result = await #expect(processExitsWith: .signal(SIGKILL), observing: [\.standardOutputContent]) {
            let command = Command("/bin/bash", ["-c", "echo $$; exec sleep 66"])
            _ = try await command.run(until: .after(.seconds(30))) { output in
                // The id, then the end of this process.
                _ = write(STDOUT_FILENO, output.bytes, output.bytes.count)
                raise(SIGKILL)
            }
        }
        let text = String(decoding: try #require(result).standardOutputContent, as: UTF8.self)
        let id = try #require(text.split(separator: "\n").last)
        for _ in 0..<500 where isAlive(id) { try await Task.sleep(for: .milliseconds(10)) }
        #expect(!isAlive(id), "process \(id) lives on")
    }

    @Test("A hundred at once")
    func many() async throws {
        try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<100 { group.addTask { try await collect("sleep 0.2; echo \(number)").standardOutput.text } }
            var seen: Set<String> = []
            for try await text in group { seen.insert(text) }
            #expect(seen == Set((0..<100).map { "\($0)\n" }))
        }
    }

    // MARK: Looking at the system

    /// Waits until the process whose id the script wrote to `file` is gone; killed orphans are reaped by somebody else.
    private func expectGone(_ file: String) async throws {
        let text = String(decoding: try Files.read("\(directory.path)/\(file)"), as: UTF8.self)
        let id = try #require(text.split(separator: "\n").first)
        for _ in 0..<500 where isAlive(id) { try await Task.sleep(for: .milliseconds(10)) }
        #expect(!isAlive(id), "process \(id) lives on")
    }

    private func isAlive(_ id: Substring) -> Bool {
        guard let status = try? Files.read("/proc/\(id)/stat"), let end = status.lastIndex(of: UInt8(ascii: ")")) else {
            return false
        }
        return status[end...].dropFirst(2).first != UInt8(ascii: "Z")
    }
}

extension ProcessExit {
    /// Without what it used, which is never the same.
    fileprivate var ending: ProcessExit { ProcessExit(status: status, stopCause: stopCause) }
}
