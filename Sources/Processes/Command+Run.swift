public import Basics

extension Command {
    /// Runs the program until it has ended by itself or was ended.
    ///
    /// It is over when its leader has exited: children that it left behind do not delay the answer, they are killed. At the
    /// deadline, or when the task is cancelled, the whole process group gets SIGTERM, and SIGKILL after `grace`. Either way no
    /// process of the group is left when this returns; one that made a session of its own is out of reach.
    ///
    /// - Parameters:
    ///   - grace: the time between SIGTERM and SIGKILL.
    ///   - onOutput: gets all that the program writes, as it comes, on the thread that watches every process of the service: it
    ///     must be quick and must not block. Not called after the return.
    /// - Throws: ``StartError``; `CancellationError` if the task was cancelled before the program was started. A program that
    ///   fails, or is stopped, is a result.
    public func run(
        until deadline: Deadline,
        grace: Duration = .seconds(5),
        onOutput: @escaping @Sendable (ProcessOutput) -> Void
    ) async throws -> ProcessExit {
        let monitor = try ChildMonitor.shared()
        let started = try await Spawner.start(self)
        let id = monitor.makeID()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let lifecycle = ChildLifecycle(deadline: deadline, grace: grace)
                monitor.watch(
                    WatchedChild(started, lifecycle: lifecycle, onOutput: onOutput, continuation: continuation),
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
