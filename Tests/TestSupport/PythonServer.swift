import Glibc

/// A small server in Python for one test or suite. It prints its port as the first line and ends when its standard input does, so
/// it never outlives the tests, whatever becomes of them.
public final class PythonServer: Sendable {
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    public let port: Int
    private let process: pid_t
    /// Its end is the server's sign to stop.
    private let input: CInt

    /// - Parameters:
    ///   - script: the path of the script.
    ///   - arguments: what it gets as `sys.argv[1...]`.
    public init(_ script: String, _ arguments: String...) throws {
        let (childInput, input) = try Self.pipe()
        let (output, childOutput) = try Self.pipe()
        defer {
            for descriptor in [childInput, output, childOutput] { close(descriptor) }
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, childInput, 0)
        posix_spawn_file_actions_adddup2(&actions, childOutput, 1)
        // Debian's own: the first `python3` on PATH may be a shim that takes half a second.
        var words = ["/usr/bin/python3", script] + arguments
        var pointers = words.map { strdup($0) } + [nil]
        defer { pointers.forEach { free($0) } }
        var process = pid_t()
        let code = posix_spawn(&process, words.removeFirst(), &actions, nil, &pointers, environ)
        guard code == 0 else {
            close(input)
            throw Failure(description: "cannot start /usr/bin/python3: \(String(cString: strerror(code)))")
        }
        self.process = process
        self.input = input
        do {
            port = try Self.readPort(output)
        } catch {
            // Nothing calls deinit of a half-made object.
            close(input)
            kill(process, SIGKILL)
            waitpid(process, nil, 0)
            throw error
        }
    }

    deinit {
        close(input)
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
    }

    public func url(_ path: String, host: String = "127.0.0.1") -> String { "http://\(host):\(port)\(path)" }

    private static func pipe() throws -> (read: CInt, write: CInt) {
        var ends: [CInt] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else { throw Failure(description: "no pipe: \(String(cString: strerror(errno)))") }
        // Other tests start processes too: none of them may hold our ends open.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private static func readPort(_ output: CInt) throws -> Int {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        var wait = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
        while line.last != UInt8(ascii: "\n"), poll(&wait, 1, 20_000) == 1, read(output, &byte, 1) == 1 { line.append(byte) }
        guard let port = Int(String(decoding: line.dropLast(), as: UTF8.self)) else {
            throw Failure(description: "the server printed no port")
        }
        return port
    }
}
