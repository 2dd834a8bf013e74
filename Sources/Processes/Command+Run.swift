public import Basics
import Glibc

extension Command {
    /// Runs the program until it has ended by itself or was ended.
    ///
    /// It is over when its leader has exited: children that it left behind do not delay the answer, they are killed. At the
    /// deadline, or when the task is cancelled, the whole process group gets SIGTERM, and SIGKILL after `grace`. Either way no
    /// process of the group is left when this returns. One that left the group is found by its cgroup or, where `environment` has
    /// ``marker``, as an orphan that this service adopts, and killed as well.
    ///
    /// - Parameters:
    ///   - socket: what the program reads and writes instead of nothing and a pipe; the program has the only copy of its end once
    ///     it runs, so that its exit ends the stream. Only its standard error comes through `onOutput` then.
    ///   - grace: the time between SIGTERM and SIGKILL.
    ///   - valve: with which the receiver can pause the program's output.
    ///   - onOutput: gets all that the program writes, as it comes, on the thread that watches every process of the service: it
    ///     must be quick and must not block. Not called after the return.
    /// - Throws: ``StartError``; `CancellationError` if the task was cancelled before the program was started. A program that
    ///   fails, or is stopped, is a result.
    public func run(
        until deadline: Deadline,
        socket: SocketPair? = nil,
        grace: Duration = .seconds(5),
        valve: OutputValve? = nil,
        onOutput: @escaping @Sendable (ProcessOutput) -> Void
    ) async throws -> ProcessExit {
        try await Self.run(until: deadline, socket: socket, grace: grace, valve: valve, building: { self }, onOutput: onOutput)
    }

    /// The same for a command that is known only when it is started.
    ///
    /// - Parameters:
    ///   - command: called on the thread that starts the program: it may look at files, and takes the place of others who want to
    ///     start theirs. Called again if the system was out of processes for a moment. What it throws is thrown.
    ///   - aftermath: work on files that follows the program's end, done before this returns; not if it throws.
    public static func run(
        until deadline: Deadline,
        socket: SocketPair? = nil,
        grace: Duration = .seconds(5),
        valve: OutputValve? = nil,
        building command: @escaping @Sendable () throws -> Command,
        aftermath: Aftermath? = nil,
        onOutput: @escaping @Sendable (ProcessOutput) -> Void
    ) async throws -> ProcessExit {
        // Each attempt needs it; who waits for the end of the stream must not wait for a program that never was.
        defer { socket?.closeChild() }
        let monitor = try ChildMonitor.shared()
        for attempt in 1... {
            do {
                return try await runOnce(command, monitor, deadline, socket, grace, valve, aftermath, onOutput)
            } catch let error as StartError where error.errno == EAGAIN && attempt < Spawner.attempts {
                // The system may be out of processes for a moment.
                try await Task.sleep(for: Spawner.backoff.delay(after: attempt))
            }
        }
        preconditionFailure("the last attempt returns or throws")
    }

    private static func runOnce(
        _ command: @escaping @Sendable () throws -> Command,
        _ monitor: ChildMonitor,
        _ deadline: Deadline,
        _ socket: SocketPair?,
        _ grace: Duration,
        _ valve: OutputValve?,
        _ aftermath: Aftermath?,
        _ onOutput: @escaping @Sendable (ProcessOutput) -> Void
    ) async throws -> ProcessExit {
        let id = monitor.makeID()
        let stop = StopRequest()
        return try await withTaskCancellationHandler {
            try Task.checkCancellation()
            return try await withCheckedThrowingContinuation { continuation in
                // From the thread that starts it the child goes straight to the one that watches it: each change of thread costs
                // more than all that this service does for a child.
                Spawner.start(command, socket: socket, unless: stop, announce: { monitor.announce($0, id: id) }) { result in
                    switch result {
                    case .failure(let error):
                        monitor.withdraw(id)
                        continuation.resume(throwing: error)
                    case .success(let started):
                        let lifecycle = ChildLifecycle(deadline: deadline, grace: grace)
                        monitor.watch(
                            WatchedChild(
                                started,
                                lifecycle: lifecycle,
                                marker: started.marker,
                                valve: valve,
                                onOutput: onOutput
                            ) { result in
                                guard let aftermath, case .success = result else { return continuation.resume(with: result) }
                                aftermath.begin { continuation.resume(with: result) }
                            },
                            id: id,
                            stop: stop
                        )
                    }
                }
            }
        } onCancel: {
            stop.make()
            monitor.stop(id)
        }
    }
}
