import CloudEvents
import Keptn
import Model

/// An event that a sender was told 2xx for, or that is run once more. A class, for it goes through many hands and never changes.
final class AcceptedEvent: Sendable {
    /// The id of its run.
    let run: String
    /// Its place in the order of arrival, also in the database.
    let sequence: Int64
    let event: CloudEvent
    /// When it came, in milliseconds since 1970.
    let received: Int64
    let origin: Origin
    /// How far it had come before a restart.
    let progress: RunProgress
    /// What is to be done about it, where that was told when it came.
    let interpretation: Interpretation?
    /// The files that it was planned with before a restart; empty if it was not.
    let planned: [Script]
    /// Nothing is answered, and no follow-up sent.
    let isSilent: Bool
    /// The commit of service and stage level; nil: the current one, or that of the event.
    let pinnedCommit: String?
    /// Somebody asked for it: it is run however old the event is.
    let isRerun: Bool
    let stop = RunStop()
    let time = ContinuousClock.now

    /// Who made the event.
    enum Origin: Sendable, Hashable {
        case sender
        /// This service, for an event that had come through `depth` - 1 others.
        case followUp(depth: Int)
        case answer

        /// As the database has it.
        init(depth: Int) { self = depth < 0 ? .answer : depth == 0 ? .sender : .followUp(depth: depth) }

        var depth: Int {
            switch self {
            case .sender: 0
            case .followUp(let depth): depth
            case .answer: -1
            }
        }
    }

    init(
        run: String,
        sequence: Int64,
        event: CloudEvent,
        received: Int64 = WallClock.system.now(),
        origin: Origin = .sender,
        progress: RunProgress = RunProgress(),
        interpretation: Interpretation? = nil,
        planned: [Script] = [],
        isSilent: Bool = false,
        pinnedCommit: String? = nil,
        isRerun: Bool = false
    ) {
        self.run = run
        self.sequence = sequence
        self.event = event
        self.received = received
        self.origin = origin
        self.progress = progress
        self.interpretation = interpretation
        self.planned = planned
        self.isSilent = isSilent
        self.pinnedCommit = pinnedCommit
        self.isRerun = isRerun
    }

    /// The same event, at another point of its way.
    convenience init(_ other: AcceptedEvent, _ progress: RunProgress) {
        self.init(
            run: other.run,
            sequence: other.sequence,
            event: other.event,
            received: other.received,
            origin: other.origin,
            progress: progress,
            interpretation: other.interpretation,
            planned: other.planned,
            isSilent: other.isSilent,
            pinnedCommit: other.pinnedCommit,
            isRerun: other.isRerun
        )
    }

    /// How old the event was when it came; zero if its time is in the future.
    static func age(of event: CloudEvent, received: Int64) -> Duration {
        .milliseconds(max(0, received - event.time.seconds * 1_000))
    }
}
