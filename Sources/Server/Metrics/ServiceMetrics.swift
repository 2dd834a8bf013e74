import Git
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

    init() {}

    func count(_ outcome: EventOutcome, events count: Int = 1) { events.add(outcome.rawValue, count: count) }

    func record(_ refresh: RefreshRecord) {
        refreshes.record(refresh.kind.rawValue, refresh.duration)
        if let failure = refresh.failureClass { failures.add(failure) }
    }

    var families: [MetricFamily] { [events.family, refreshes.family, failures.family] }
}
