import Basics
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Processes

/// Starts that need a second attempt, and ends that the kernel does not tell as usual.
@Suite(.timeLimit(.minutes(3))) struct UnusualEndsTests {
    private let directory = try! TemporaryDirectory()

    @Test("A start that needs more attempts has its socket in the last one", arguments: 1...3)
    func socketOfLaterAttempt(failures: Int) async throws {
        let socket = try SocketPair()
        let own = try #require(socket.takeOwn())
        defer { close(own) }
        try #require(write(own, "hi", 2) == 2)
        shutdown(own, CInt(SHUT_WR))
        let attempts = Countdown(failures)
        let exit = try await Command.run(
            until: .after(.seconds(30)),
            socket: socket,
            building: {
                if attempts.isLeft { throw StartError("start", "test", errno: EAGAIN) }
                return Command("/bin/cat")
            },
            onOutput: { _ in }
        )
        #expect(exit.isSuccess)
        var answer = [UInt8](repeating: 0, count: 16)
        #expect(read(own, &answer, answer.count) == 2)
        #expect(read(own, &answer, answer.count) == 0)
    }

    @Test("The socket of a program that cannot be started comes to its end")
    func socketWithoutProgram() async throws {
        let socket = try SocketPair()
        let own = try #require(socket.takeOwn())
        defer { close(own) }
        await #expect(throws: StartError.self) {
            try await Command("/no/such/program").run(until: .after(.seconds(30)), socket: socket) { _ in }
        }
        var byte: UInt8 = 0
        #expect(read(own, &byte, 1) == 0)
    }

    @Test(
        "A leader that is traced is reaped when its tracer has gone, and reported in time",
        arguments: [("pass", ProcessExit.Status.exited(3)), ("os.setsid()", .unknown)]
    )
    func traced(escape: String, expected: ProcessExit.Status) async throws {
        // No signal may come to the leader: it would stop until the tracer lets it go on.
        let script = """
            import ctypes, os, time
            leader = os.getpid()
            if os.fork() == 0:
                \(escape)
                result = ctypes.CDLL(None).ptrace(0x4206, leader, 0, 0)
                with open("new", "w") as file: file.write(str(result))
                os.rename("new", "traced")
                time.sleep(4)
                os._exit(0)
            while not os.path.exists("traced"): time.sleep(0.01)
            print(leader, open("traced").read(), flush=True)
            os._exit(3)
            """
        let command = Command("/usr/bin/python3", ["-c", script], directory: directory.path)
        let output = try await command.collect(until: .after(.seconds(60)))
        let fields = output.standardOutput.text.split(whereSeparator: \.isWhitespace)
        let leader = try #require(fields.first.flatMap { pid_t($0) })
        // Where the system allows nobody to trace, there is nothing to see.
        if fields.last == "0" { #expect(output.exit.status == expected) }
        // Not even a zombie.
        try await waitUntil { kill(leader, 0) != 0 }
    }
}

/// Counts down over several threads.
private final class Countdown: Sendable {
    private let left: Mutex<Int>

    init(_ count: Int) { left = Mutex(count) }

    var isLeft: Bool {
        left.withLock { left in
            left -= 1
            return left >= 0
        }
    }
}
