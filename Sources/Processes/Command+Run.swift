public import Basics

extension Command {
    /// Runs the program until it has ended by itself or was ended.
    ///
    /// It is over when its leader has exited: children that it left behind do not delay the answer, they are killed. At the
    /// deadline, or when the task is cancelled, the whole process group gets SIGTERM, and SIGKILL after `grace`. Either way no
    /// process of the group is left when this returns; one that made a session of its own is out of reach.
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
        let monitor = try ChildMonitor.shared()
        let started: StartedChild
        do {
            defer { socket?.closeChild() }
            started = try await Spawner.start(self, socket: socket)
        }
        let id = monitor.makeID()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let lifecycle = ChildLifecycle(deadline: deadline, grace: grace)
                monitor.watch(
                    WatchedChild(
                        started,
                        lifecycle: lifecycle,
                        valve: valve,
                        onOutput: onOutput,
                        continuation: continuation
                    ),
                    id: id
                )
                // A cancellation that came before the child was handed over found nobody to stop.
                if Task.isCancelled { monitor.stop(id) }
            }
        } onCancel: {
            monitor.stop(id)
        }
    }
}
