import Synchronization

/// The runs that wait or run now, by their ids.
final class RunsInHand: Sendable {
    private let runs = Mutex<[String: AcceptedEvent]>([:])
    private let watch: RunWatch

    init(watch: RunWatch = RunWatch()) { self.watch = watch }

    /// - Parameter cancel: ends the run's task.
    func add(_ accepted: AcceptedEvent, cancel: @escaping @Sendable () -> Void) {
        accepted.stop.onRequest(cancel)
        runs.withLock { $0[accepted.run] = accepted }
        watch.changed(accepted.run)
    }

    func remove(_ accepted: AcceptedEvent) {
        runs.withLock { _ = $0.removeValue(forKey: accepted.run) }
        watch.changed(accepted.run)
    }

    /// Ends a run, whether it waits or runs. What has come of it is known some time later.
    ///
    /// - Returns: whether there is one of that id.
    func cancel(_ run: String) -> Bool {
        guard let accepted = runs.withLock({ $0[run] }) else { return false }
        accepted.stop.request()
        return true
    }
}
