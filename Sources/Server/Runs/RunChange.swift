import CloudEvents
import Model

/// What has happened to a run, to be kept as one with what is to be sent because of it.
struct RunChange: Sendable {
    var progress: RunProgress
    var events: [OutgoingEvent] = []
    /// Set once the files are known.
    var plan: Plan?
    var commits: RunCommits?
    /// Whether its files can be run again after a restart that interrupts them.
    var runsAgain = false
    /// Set at the end.
    var ending: Ending?

    /// An answer that is to be sent; nil adds nothing.
    mutating func add(_ answer: CloudEvent?) {
        if let answer { events.append(OutgoingEvent(event: answer, origin: .answer)) }
    }

    struct Ending: Sendable {
        /// nil where nothing was run or answered.
        var result: RunResult?
        var message: String
        var steps: [StepOutcome] = []
        /// Of the output that was kept.
        var outputBytes = 0
    }
}

/// The commits that a run uses: that of its service and stage level, and that of its project level.
struct RunCommits: Sendable, Hashable {
    var stage: String?
    var project: String?

    init(stage: String? = nil, project: String? = nil) {
        self.stage = stage
        self.project = project
    }

    init(_ snapshot: Snapshot) {
        stage = snapshot.places.first { $0.level != .project }?.commit
        project = snapshot.places.first { $0.level == .project }?.commit
    }
}
