import Basics
import CloudEvents
import Curl
import Glibc
import Model
import Synchronization
import TestSupport
import Testing

@testable import Executor

/// Real bash and python3 processes.
@Suite(.timeLimit(.minutes(3)))
struct ExecutorRunTests {
    private let workshop: Workshop

    init() throws { workshop = try Workshop() }

    @Test(
        "How a script ended",
        arguments: [
            ("exit 0", RunResult.pass, Ending.exited(0), nil),
            ("exit 3", .fail, .exited(3), "exit status 3 of test.triggered.sh"),
            ("exit 137", .fail, .exited(137), "exit status 137 of test.triggered.sh"),
            ("kill -KILL $$", .fail, .signalled(9), "signal 9 ended test.triggered.sh"),
        ] as [(String, RunResult, Ending, String?)]
    )
    func endings(script: String, result: RunResult, ending: Ending, reason: String?) async throws {
        let outcome = try await workshop.runShell(script)
        let step = try #require(outcome.steps.first)
        #expect(outcome.result == result)
        #expect(step.ending == ending)
        #expect(step.reason == reason)
        #expect(outcome.message == reason ?? "")
        #expect(step.duration > .zero)
    }

    @Test("Standard output and error are one output, in order of arrival")
    func output() async throws {
        let outcome = try await runInSteps("say one; say two >&2; say three")
        #expect(outcome.message == "one\ntwo\nthree\n")
    }

    /// Runs a script whose `say WORD` prints the word and waits until it has arrived here.
    private func runInSteps(
        _ script: String,
        _ request: ScriptRequest = .sample(),
        onOutput: @escaping @Sendable (OutputChunk) -> Void = { _ in }
    ) async throws -> RunOutcome {
        var workshop = workshop
        let seen = "\(workshop.directory.path)/seen"
        try Files.createDirectory(seen)
        workshop.settings.serviceEnvironment["SEEN"] = seen
        let say = "say() { echo $1; until [ -e $ENV_SEEN/$1 ]; do sleep 0.01; done; }\n"
        try workshop.write("test.triggered.sh", say + script)
        return try await workshop.run(request) { _, chunk in
            onOutput(chunk)
            try? Files.write([], to: "\(seen)/\(chunk.text.trimmingNewline)")
        }
    }

    @Test("A file that fails does not stop those after it; the worst result counts")
    func sequence() async throws {
        try workshop.write("test.triggered.sh", "echo first; exit 1")
        try workshop.write("test.triggered.py", "print('second')")
        try workshop.write("all.events.sh", "#!/no/such/interpreter\n")
        try workshop.write("all.events.py", "print('last')")
        let outcome = try await workshop.run(.sample())
        #expect(outcome.steps.map(\.result) == [.fail, .pass, .errored, .pass])
        #expect(outcome.result == .errored)
        #expect(outcome.message == "first\nsecond\ncannot start /no/such/interpreter: No such file or directory\nlast\n")
        #expect(try workshop.leftovers().isEmpty)
    }

    @Test("At SCRIPT_TIMEOUT the group is stopped, also if it ignores SIGTERM, and what it printed is kept")
    func timeout() async throws {
        var workshop = workshop
        workshop.settings.timeout = .milliseconds(500)
        workshop.settings.grace = .milliseconds(200)
        let outcome = try await workshop.runShell("trap '' TERM; echo working; while :; do sleep 0.1; done")
        #expect(outcome.steps.first?.ending == .timedOut(after: .milliseconds(500)))
        #expect(outcome.result == .fail)
        #expect(outcome.message == "working\ntest.triggered.sh did not end within 500ms (SCRIPT_TIMEOUT) and was stopped")
        #expect(try workshop.leftovers().isEmpty)
    }

    @Test("Cancelling ends the file that runs; those after it are not begun; nothing is left when it returns")
    func cancel() async throws {
        try workshop.write("test.triggered.sh", "sleep 300 & echo $!; wait")
        try workshop.write("all.events.sh", "echo never")
        let (chunks, continuation) = AsyncStream.makeStream(of: OutputChunk.self)
        let task = Task { try await workshop.run(.sample()) { continuation.yield($1) } }
        let first = try #require(await chunks.first { _ in true })
        task.cancel()
        let outcome = try await task.value
        #expect(outcome.steps.map(\.ending) == [.cancelled, .cancelled])
        #expect(outcome.result == .fail)
        #expect(!outcome.message.contains("never"))
        #expect(try workshop.leftovers().isEmpty)
        let sleeper = try #require(Int32(first.text.trimmingNewline))
        for _ in 0..<500 where kill(sleeper, 0) == 0 && !isZombie(sleeper) { try await Task.sleep(for: .milliseconds(10)) }
        #expect(kill(sleeper, 0) != 0 || isZombie(sleeper))
    }

    @Test("A child left behind that holds standard output delays nothing")
    func background() async throws {
        let outcome = try await workshop.runShell("sleep 300 & echo done")
        #expect(outcome.result == .pass)
        #expect(outcome.message == "done\n")
    }

    @Test("50 MB of output: beginning and end are kept, and how much is missing is said")
    func flood() async throws {
        let outcome = try await workshop.runShell("echo begin; head -c 50000000 /dev/zero | tr '\\0' x; echo; echo end")
        let output = try #require(outcome.steps.first?.output)
        #expect(outcome.result == .pass)
        #expect(output.utf8.count <= 1 << 20)
        #expect(output.hasPrefix("begin\nx"))
        #expect(output.hasSuffix("x\nend\n"))
        #expect(output.contains("bytes left out ...]"))
        #expect(outcome.message.utf8.count <= 32 << 10)
        #expect(outcome.message.hasSuffix("x\nend\n"))
    }

    @Test("NULs and bytes that are no UTF-8 in the output")
    func oddBytes() async throws {
        let outcome = try await workshop.runShell(#"printf 'a\0b\377c\303'"#)
        #expect(outcome.message == "a\u{0}b\u{FFFD}c\u{FFFD}")
    }

    @Test("Secrets are masked in output, message and live chunks, also when they come in two pieces or at the cut")
    func secrets() async throws {
        var workshop = workshop
        workshop.secrets.add(["hunter22"])
        workshop.settings.outputLimit = 1_000
        let seen = Mutex("")
        let script = "printf 'a hunt'; sleep 0.1; printf 'er22 b\\n'; for i in $(seq 500); do printf 'hunter22hunter22'; done"
        try workshop.write("test.triggered.sh", script)
        let outcome = try await workshop.run(.sample()) { _, chunk in seen.withLock { $0 += chunk.text } }
        #expect(outcome.message.hasPrefix("a *** b\n***"))
        #expect(!outcome.message.contains("unter"))
        #expect(!outcome.message.contains("er22"))
        #expect(seen.withLock { $0 } == "a *** b\n" + String(repeating: "***", count: 1_000))
        #expect(outcome.steps.first?.output == outcome.message)
    }

    @Test("Live chunks name their source; a variable that was left out is noted first")
    func chunks() async throws {
        let seen = Mutex<[OutputChunk]>([])
        let outcome = try await runInSteps("say out; say err >&2", .sample(data: ["x": "a\u{0}b"])) { chunk in
            seen.withLock { $0.append(chunk) }
        }
        let chunks = seen.withLock { $0 }
        #expect(chunks.map(\.source) == [.service, .output, .errors])
        #expect(chunks.map(\.text) == ["variable DATA_X is left out: it holds a NUL\n", "out\n", "err\n"])
        #expect(chunks.map(\.time) == chunks.map(\.time).sorted())
        #expect(outcome.message == "variable DATA_X is left out: it holds a NUL\nout\nerr\n")
    }

    @Test("A script that is gone when its turn comes is errored, not a crash")
    func gone() async throws {
        let path = try workshop.write("test.triggered.sh", "true")
        let executor = try Executor(settings: workshop.settings, client: HTTPClient())
        let plan = await executor.plan(.sample(), in: workshop.snapshot)
        Files.removeTree(path)
        let outcome = await executor.run(.sample(), plan: plan, runID: "r", output: executor.output(of: "r"))
        #expect(outcome.result == .errored)
        #expect(outcome.message == "cannot read \(path): No such file or directory")
    }

    @Test("A run id that is no file name stays out of paths", arguments: ["../../x", "", "a/b"])
    func runID(id: String) async throws {
        try workshop.write("test.triggered.sh", "pwd; echo \"$RUN_ID\"")
        let executor = try Executor(settings: workshop.settings, client: HTTPClient())
        let plan = await executor.plan(.sample(), in: workshop.snapshot)
        let outcome = await executor.run(.sample(), plan: plan, runID: id, output: executor.output(of: id))
        let lines = outcome.message.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0].dropLast(6).hasSuffix("/runs/"))
        #expect(lines[1] == id[...])
    }

    @Test("A directory for runs that cannot be made is an error at the start")
    func runsDirectory() throws {
        var settings = workshop.settings
        settings.runsDirectory = "/proc/no/such"
        #expect(throws: FileError.self) { try Executor(settings: settings, client: HTTPClient()) }
    }

    @Test("Many runs at once keep out of each other's way")
    func parallel() async throws {
        try workshop.write("test.triggered.sh", "echo $ID > mine; sleep 0.05; cat mine")
        let executor = try Executor(settings: workshop.settings, client: HTTPClient())
        let plan = await executor.plan(.sample(), in: workshop.snapshot)
        await withTaskGroup(of: (String, String).self) { group in
            for number in 0..<50 {
                group.addTask {
                    let outcome = await executor.run(
                        .sample(id: "e\(number)"),
                        plan: plan,
                        runID: "same",
                        output: executor.output(of: "same")
                    )
                    return ("e\(number)\n", outcome.message)
                }
            }
            for await (expected, message) in group { #expect(message == expected) }
        }
        #expect(try workshop.leftovers().isEmpty)
    }

    private func isZombie(_ id: Int32) -> Bool {
        guard let status = try? Files.read("/proc/\(id)/stat"), let end = status.lastIndex(of: UInt8(ascii: ")")) else {
            return true
        }
        return status[end...].dropFirst(2).first == UInt8(ascii: "Z")
    }
}

extension String {
    fileprivate var trimmingNewline: Substring { hasSuffix("\n") ? dropLast() : self[...] }
}
