import Git
import Model
import RepoCache

/// What the service counts while it works.
final class ServiceMetrics: Sendable {
    /// What became of something that a sender posted.
    enum EventOutcome: String, CaseIterable {
        case accepted
        /// It had come before.
        case known
        /// It was no event, or too large.
        case refused
        case unauthorized
        /// The queue is full, or the service ends.
        case busy
    }

    private let events = Counter(
        "ges_events_total",
        "Events that senders posted, by what became of them.",
        label: "outcome",
        values: EventOutcome.allCases.map(\.rawValue)
    )
    private let refreshes = Histogram(
        "ges_refresh_seconds",
        "Time from an event's wish for its scripts until they were there, by how they were had.",
        label: "kind",
        values: RefreshRecord.Kind.allCases.map(\.rawValue),
        bounds: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 600]
    )
    private let failures = Counter(
        "ges_refresh_failures_total",
        "Wishes for scripts that the repository could not answer, by the class of the failure.",
        label: "class",
        values: GitError.FailureClass.allCases.map(\.rawValue) + ["configuration", Counter.other]
    )

    private let runs = Counter(
        "ges_runs_total",
        "Events that were worked on, by what came of them; nothing: no file was for them.",
        label: "result",
        values: RunResult.allCases.map(\.rawValue) + [nothing]
    )
    private let queue = Histogram(
        "ges_queue_seconds",
        "Time from the acceptance of an event until its first file began.",
        bounds: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800]
    )
    private let steps = Histogram(
        "ges_run_seconds",
        "How long files ran, by their kind.",
        label: "kind",
        values: Script.Kind.allCases.map(\.rawValue),
        bounds: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800]
    )
    private let deliveries = Histogram(
        "ges_delivery_seconds",
        "Time from the making of an answer until its fate was known, by that; over restarts, too.",
        label: "outcome",
        values: DeliveryOutcome.allCases.map(\.rawValue),
        bounds: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 600, 3_600]
    )
    private let commitEvents = Histogram(
        "ges_commit_events",
        "Events in a commit that their senders waited for: they share its flush to disk.",
        bounds: commitBounds
    )
    private let commitSenders = Histogram(
        "ges_commit_senders",
        "Senders that waited when a commit ended: those in it, and those who had come meanwhile.",
        bounds: commitBounds
    )
    private static let commitBounds: [Double] = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
    private static let nothing = "nothing"

    /// What became of an answer.
    enum DeliveryOutcome: String, CaseIterable {
        case delivered
        /// The receiver will never take it, or did not in time.
        case refused
    }

    init() {}

    func count(_ outcome: EventOutcome, events count: Int = 1) { events.add(outcome.rawValue, count: count) }

    /// - Parameter result: nil where there was nothing to run.
    func count(_ result: RunResult?) { runs.add(result?.rawValue ?? Self.nothing) }

    func recordQueue(_ duration: Duration) { queue.record("", duration) }

    func record(_ step: StepOutcome) { steps.record(step.script.kind.rawValue, step.duration) }

    func record(_ outcome: DeliveryOutcome, _ duration: Duration) { deliveries.record(outcome.rawValue, duration) }

    /// - Parameters:
    ///   - events: that were committed, of these senders.
    ///   - late: senders who wait for the next commit already.
    func recordCommit(events: Int, senders: Int, late: Int) {
        commitEvents.record("", Double(events))
        commitSenders.record("", Double(senders + late))
    }

    func record(_ refresh: RefreshRecord) {
        refreshes.record(refresh.kind.rawValue, refresh.duration)
        if let failure = refresh.failureClass { failures.add(failure) }
    }

    var families: [MetricFamily] {
        [
            events.family, commitEvents.family, commitSenders.family, runs.family, queue.family, steps.family, deliveries.family,
            refreshes.family, failures.family,
        ]
    }
}
