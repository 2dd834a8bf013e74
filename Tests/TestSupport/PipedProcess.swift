import Basics
import Glibc

/// A program that lives as long as this value, with its standard input and output in our hands. Its input ends when this value or
/// the test process does, however that happens: programs that end then never outlive the tests.
public final class PipedProcess: Sendable {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    private let program: String
    private let process: pid_t
    private let input: CInt
    private let output: CInt

    /// - Parameters:
    ///   - program: an absolute path.
    ///   - environment: nil passes on that of the tests.
    public init(_ program: String, _ arguments: [String], environment: [String: String]? = nil) throws {
        let (childInput, input) = try Self.pair()
        let (output, childOutput) = try Self.pair()
        defer {
            close(childInput)
            close(childOutput)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, childInput, 0)
        posix_spawn_file_actions_adddup2(&actions, childOutput, 1)
        var words = ([program] + arguments).map { strdup($0) } + [nil]
        var variables = environment.map { $0.map { strdup("\($0.key)=\($0.value)") } + [nil] } ?? []
        defer { (words + variables).forEach { free($0) } }
        var process = pid_t()
        let code =
            environment == nil
            ? posix_spawn(&process, program, &actions, nil, &words, environ)
            : posix_spawn(&process, program, &actions, nil, &words, &variables)
        guard code == 0 else {
            close(input)
            close(output)
            throw Failure(description: "cannot start \(program): \(String(cString: strerror(code)))")
        }
        self.program = program
        self.process = process
        self.input = input
        self.output = output
    }

    deinit {
        close(input)
        close(output)
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
    }

    /// Blocks while the program reads nothing.
    public func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(input, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FileError("write to", program, errno: errno) }
            rest = rest.dropFirst(count)
        }
    }

    /// The next line that the program writes, without its end; only one caller at a time. Blocks.
    public func readLine(within limit: Duration = .seconds(60)) throws -> String {
        let deadline = Deadline.after(limit)
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while true {
            var wait = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            let isReady = poll(&wait, 1, CInt(deadline.remaining.seconds * 1_000))
            if isReady < 0, errno == EINTR { continue }
            guard isReady == 1 else { throw Failure(description: "\(program) wrote nothing for \(limit)") }
            guard read(output, &byte, 1) == 1 else { throw Failure(description: "\(program) ended") }
            if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
    }

    /// Ends the program's input and waits until it has ended by itself, at most for `limit`.
    func finish(within limit: Duration = .seconds(20)) {
        shutdown(input, CInt(SHUT_WR))
        while (try? readLine(within: limit)) != nil {}
    }

    /// Sockets and no pipes: writing to a program that has ended is then an error, not a signal that ends the tests. Other tests
    /// start processes too and none may hold our ends open: they are closed on exec from the first moment.
    private static func pair() throws -> (CInt, CInt) {
        var ends: [CInt] = [0, 0]
        guard socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw Failure(description: "no sockets: \(String(cString: strerror(errno)))")
        }
        return (ends[0], ends[1])
    }
}
