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
