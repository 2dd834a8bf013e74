import Basics

/// Decides when a child is told to stop and when we are done with it. Pure: the caller does what it says.
///
/// running -> terminating (SIGTERM, at the deadline or on request) -> killed (SIGKILL, after the grace) -> over.
/// The leader's exit ends every phase.
struct ChildLifecycle {
    enum Event: Hashable {
        case stopRequested
        case timePassed
        case leaderExited
    }

    enum Action: Hashable {
        case terminateGroup
        case killGroup
        /// Drain the pipes, kill what is left of the group, reap the leader, report.
        case finish
        /// Report; the leader is reaped whenever it goes.
        case abandon
        /// Nobody waits for it any more, or hears of it: only end what is left and reap the leader.
        case reap
    }

    private enum Phase {
        case running
        case terminating
        case killed
        case abandoned
        case over
    }

    /// How long SIGKILL may take. A process that hangs in the kernel must not hold up its run for ever.
    static let killLimit = Duration.seconds(5)

    private let grace: Duration
    private var phase = Phase.running
    private(set) var stopCause: ProcessExit.StopCause?
    /// When ``Event/timePassed`` is due.
    private(set) var alarm: Deadline?

    init(deadline: Deadline, grace: Duration) {
        self.grace = grace
        alarm = deadline
    }

    mutating func handle(_ event: Event, at now: ContinuousClock.Instant) -> Action? {
        switch (phase, event) {
        case (.running, .stopRequested): return terminate(because: .cancellation, at: now)
        case (_, .timePassed) where alarm.map({ $0.instant > now }) ?? true: return nil
        case (.running, .timePassed): return terminate(because: .deadline, at: now)
        case (.terminating, .timePassed):
            phase = .killed
            alarm = Deadline(now + Self.killLimit)
            return .killGroup
        case (.killed, .timePassed):
            phase = .abandoned
            alarm = nil
            return .abandon
        case (.running, .leaderExited), (.terminating, .leaderExited), (.killed, .leaderExited):
            phase = .over
            alarm = nil
            return .finish
        case (.abandoned, .leaderExited):
            phase = .over
            return .reap
        case (_, .stopRequested), (.over, _), (.abandoned, .timePassed): return nil
        }
    }

    private mutating func terminate(because cause: ProcessExit.StopCause, at now: ContinuousClock.Instant) -> Action {
        phase = .terminating
        stopCause = cause
        alarm = Deadline(now + grace)
        return .terminateGroup
    }
}
