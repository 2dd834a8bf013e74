import Basics
import CSpawn
import Glibc

/// Starts processes.
enum Spawner {
    /// The kernel kills a child when the *thread* that started it ends, so these threads live as long as the process. Two,
    /// because a start blocks for about a millisecond.
    private static let pool = ThreadPool(name: "spawner", width: 2)

    static let backoff = Backoff(first: .milliseconds(10), cap: .milliseconds(200))
    static let attempts = 6

    /// Starts the command on a thread of its own and hands over what came of it there.
    ///
    /// - Parameters:
    ///   - socket: its child's end is closed here once the program has it; after a failure it may be tried again.
    ///   - announce: called with the value of ``Command/marker`` before there is a process that has it.
    static func start(
        _ command: @escaping @Sendable () throws -> Command,
        socket: SocketPair?,
        unless stop: StopRequest,
        announce: @escaping @Sendable (_ marker: String?) -> Void,
        _ done: @escaping @Sendable (Result<StartedChild, any Error>) -> Void
    ) {
        pool.submit {
            if stop.wasMade { return done(.failure(CancellationError())) }
            let result = Result {
                let command = try command()
                try check(command)
                announce(command.environment[Command.marker])
                return try spawn(command, socket)
            }
            if case .success = result { socket?.closeChild() }
            done(result)
        } orFail: {
            done(.failure($0))
        }
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
        let environment = command.environment.sorted { $0.key < $1.key }.map { [$0.key, "=", $0.value] }
        let confinement = command.confinement
        var ruleset: CInt = -1
        if let sandbox = confinement.sandbox {
            ruleset = try sandbox.ruleset(readable: confinement.readable, writable: confinement.writable).release()
        }
        defer { if ruleset >= 0 { close(ruleset) } }
        let group = try confinement.controlGroups?.take()
        let floor = ResourceUsage.ownPeak
        let result = withCStrings(([command.executable] + command.arguments).map { [$0] }) { argv in
            withCStrings(environment) { envp in
                command.executable.withCString { path in
                    command.directory.withCString { directory in
                        confinement.withLimitsAndUser { limits, limitCount, user in
                            var request = cspawn_request(
                                path: path,
                                argv: argv,
                                envp: envp,
                                directory: directory,
                                standard_input: socket?.child ?? input.raw,
                                standard_output: socket?.child ?? output.writer.raw,
                                standard_error: errors.writer.raw,
                                limits: limits,
                                limit_count: limitCount,
                                user: user,
                                ruleset: ruleset,
                                cgroup: group?.directory ?? -1
                            )
                            return cspawn_start(&request)
                        }
                    }
                }
            }
        }
        guard result.step == CSPAWN_NONE else {
            if let group { confinement.controlGroups?.giveBack(group) }
            throw StartError(step: result.step, errno: result.error, command: command)
        }
        return StartedChild(
            pid: result.pid,
            exit: result.pidfd,
            output: output.takeReader(),
            errors: errors.takeReader(),
            group: group.map { (confinement.controlGroups, $0) },
            memoryFloor: floor,
            marker: command.environment[Command.marker]
        )
    }
}

extension Confinement {
    /// Lends limits and user to C, valid only inside `body`.
    fileprivate func withLimitsAndUser<T>(
        _ body: (UnsafePointer<cspawn_limit>?, Int, UnsafePointer<cspawn_user>?) -> T
    ) -> T {
        limits.values.withUnsafeBufferPointer { limits in
            guard let user else { return body(limits.baseAddress, limits.count, nil) }
            return user.groups.withUnsafeBufferPointer { groups in
                var user = cspawn_user(uid: user.uid, gid: user.gid, groups: groups.baseAddress, group_count: groups.count)
                return withUnsafePointer(to: &user) { body(limits.baseAddress, limits.count, $0) }
            }
        }
    }
}

/// Lends strings to C as a NULL-terminated array, valid only inside `body`.
///
/// - Parameter strings: each in parts.
private func withCStrings<T>(_ strings: [[String]], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> T) -> T {
    var bytes: [UInt8] = []
    var starts: [Int] = []
    bytes.reserveCapacity(strings.count * 64)
    for parts in strings {
        starts.append(bytes.count)
        for part in parts { bytes.append(contentsOf: part.utf8) }
        bytes.append(0)
    }
    return bytes.withUnsafeMutableBytes { bytes in
        let texts = bytes.assumingMemoryBound(to: CChar.self).baseAddress
        let pointers = starts.map { start in texts.map { $0 + start } } + [nil]
        return pointers.withUnsafeBufferPointer { body($0.baseAddress!) }
    }
}
