import Basics
import CSpawn
import Glibc

/// Starts processes.
enum Spawner {
    /// The kernel kills a child when the *thread* that started it ends, so these threads live as long as the process. Two,
    /// because a start blocks for about a millisecond.
    private static let pool = ThreadPool(name: "spawner", width: 2)

    /// The system may be out of processes for a moment.
    private static let backoff = Backoff(first: .milliseconds(10), cap: .milliseconds(200))
    private static let attempts = 6

    /// - Throws: ``StartError``, or `CancellationError` if the caller was cancelled before the start.
    static func start(_ command: Command, socket: SocketPair? = nil) async throws -> StartedChild {
        try check(command)
        // The pool may begin before it looks.
        try Task.checkCancellation()
        for attempt in 1..<attempts {
            do {
                return try await pool.run { try spawn(command, socket) }
            } catch let error as StartError where error.errno == EAGAIN {
                try await Task.sleep(for: backoff.delay(after: attempt))
            }
        }
        return try await pool.run { try spawn(command, socket) }
    }

    /// What C strings and the environment's form cannot say is refused, not cut short.
    private static func check(_ command: Command) throws(StartError) {
        func refuse(_ object: String) -> StartError { StartError("pass", "\(object) to \(command.executable)", errno: EINVAL) }
        guard command.executable.hasPrefix("/"), !command.executable.utf8.contains(0) else {
            throw StartError("start", command.executable, errno: EINVAL)
        }
        guard !command.directory.utf8.contains(0) else { throw refuse("a directory with a NUL") }
        if case .file(let path) = command.input, path.utf8.contains(0) { throw refuse("an input file with a NUL") }
        guard !command.arguments.contains(where: { $0.utf8.contains(0) }) else { throw refuse("an argument with a NUL") }
        for (name, value) in command.environment {
            guard !name.isEmpty, !name.utf8.contains(0), !name.utf8.contains(UInt8(ascii: "=")), !value.utf8.contains(0) else {
                throw refuse("a variable with a NUL or with a '=' in its name")
            }
        }
    }

    /// Blocks until the program runs or could not be started.
    private static func spawn(_ command: Command, _ socket: SocketPair?) throws(StartError) -> StartedChild {
        let input = try Descriptor.open(command.input)
        let output = try Pipe.open()
        let errors = try Pipe.open()
        let environment = command.environment.map { "\($0.key)=\($0.value)" }.sorted()
        let result = withCStrings([command.executable] + command.arguments) { argv in
            withCStrings(environment) { envp in
                command.executable.withCString { path in
                    command.directory.withCString { directory in
                        var request = cspawn_request(
                            path: path,
                            argv: argv,
                            envp: envp,
                            directory: directory,
                            standard_input: socket?.child ?? input.raw,
                            standard_output: socket?.child ?? output.writer.raw,
                            standard_error: errors.writer.raw
                        )
                        return cspawn_start(&request)
                    }
                }
            }
        }
        guard result.step == CSPAWN_NONE else {
            throw StartError(step: result.step, errno: result.error, command: command)
        }
        return StartedChild(
            pid: result.pid,
            exit: result.pidfd,
            output: output.takeReader(),
            errors: errors.takeReader()
        )
    }
}

/// Lends the strings to C as a NULL-terminated array, valid only inside `body`.
private func withCStrings<T>(_ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> T) -> T {
    var pointers = strings.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    pointers.append(nil)
    return pointers.withUnsafeBufferPointer { body($0.baseAddress!) }
}
