import Basics
import CloudEvents
import Executor
import Keptn
import Model
import RepoCache
import Synchronization

/// The way of one event, from left to right: `interpret -> snapshot -> plan -> (started) -> run -> answer`.
///
/// What happens to the run is kept in the journal, together with what is to be sent because of it, before anything builds on it.
struct Pipeline: Sendable {
    let rules: EventRules
    let snapshots: SnapshotSource
    let executor: Executor
    let answers: Answers
    let scheduler: Scheduler
    let journal: any RunJournal
    /// Masked in what servers have said, which goes into answers.
    let secrets: SecretRegistry
    /// How long a file of that scope may run, where its project has a limit of its own.
    let timeout: @Sendable (Scope) -> Duration?
    /// Where the outputs of runs are while they run, and afterwards.
    let outputs: RunOutputs?
    /// How long an event waits for its scripts before `GIT_ON_FAILURE` decides.
    var snapshotTimeout: Duration = .seconds(75)

    /// Takes the event's place in line. To be called in the order of acceptance: in a line that is kept strictly, that order counts.
    func admit(_ accepted: AcceptedEvent) -> Admission {
        let interpretation = accepted.interpretation ?? rules.interpret(accepted)
        switch interpretation {
        case .ignore(let reason): return .nothing(reason: reason)
        case .run(let request):
            let priority = Scheduler.Priority(isUrgent: request.isUrgent, sequence: UInt64(accepted.sequence))
            return .run(request, place: scheduler.enter(request.scope, priority))
        }
    }

    /// Runs what an admitted event asks for, and answers it. What goes wrong is in the report.
    ///
    /// A cancelled task ends what runs; an answer that was begun is finished all the same.
    func run(_ accepted: AcceptedEvent, _ admission: Admission, observer: some RunObserver) async -> RunReport {
        do {
            switch admission {
            case .nothing(let reason): return try await end(RunCourse(accepted), .nothing(reason))
            case .run(let request, let place):
                defer { place.leave() }
                return try await run(RunCourse(accepted, request), place, observer)
            }
        } catch {
            // Nothing more can be kept: the next start finds the run as it is in the database.
            let warnings = error is CancellationError ? [] : ["the run cannot be kept: \(error)"]
            return RunReport(state: .leftForNextStart, warnings: warnings)
        }
    }

    private func run(_ course: RunCourse, _ place: RunPlace, _ observer: some RunObserver) async throws -> RunReport {
        switch try await prepare(course, observer) {
        case .over(let report): return report
        case .planned(let run):
            defer { run.held.release() }
            let outcome: RunOutcome
            do {
                outcome = try await place.withSlot { try await execute(run, observer) }
            } catch is CancellationError {
                return try await leave(run)
            }
            return try await conclude(run, outcome)
        }
    }

    // Thousands of runs may wait for their slot at once, each with what its suspended functions keep. So the parts are functions that
    // stay apart, and what comes before the slot has a task of its own: the stack of a task stays as large as it ever was.

    @inline(never)
    private func prepare(_ course: RunCourse, _ observer: some RunObserver) async throws -> Preparation {
        async let preparation = find(course, observer)
        return try await preparation
    }

    private func find(_ course: RunCourse, _ observer: some RunObserver) async throws -> Preparation {
        let request = course.request
        let held: HeldSnapshot
        do {
            held = try await snapshots.snapshot(for: request, commit: course.commit, deadline: .after(snapshotTimeout))
        } catch is CancellationError {
            return .over(try await leave(course, "the service stopped before the scripts were there"))
        } catch {
            let failureClass = (error as? RepoCacheError)?.failureClass
            return .over(try await giveUp(course, "\(error)", failureClass: failureClass))
        }
        let plan = await executor.plan(request, in: held.snapshot)
        observer.planned(plan, in: held.snapshot)
        guard !plan.scripts.isEmpty else {
            defer { held.release() }
            let name = request.names.first ?? "all.events"
            let reason = "no file for \(name) was found on any level"
            return .over(try await end(course, .nothing(reason, plan: plan, snapshot: held.snapshot)))
        }
        let run = PlannedRun(
            course: course,
            plan: plan,
            held: held,
            runsAgain: await executor.mayRunAgain(plan)
        )
        do {
            if try await keepPlan(run) { return .planned(run) }
        } catch {
            held.release()
            throw error
        }
        held.release()
        return .over(RunReport(state: .errored(reason: RunCourse.lostFile, failureClass: nil), plan: plan))
    }

    private func isAnswered(_ course: RunCourse, _ plan: Plan) -> Bool {
        !course.accepted.isSilent && answers.isAnswered(course.request, plan)
    }

    /// - Returns: whether the run goes on: its files may be others than before a restart, and then it may be over.
    private func keepPlan(_ run: PlannedRun) async throws -> Bool {
        let course = run.course
        let told = try course.apply(.planned(isAnswered: isAnswered(course, run.plan)))
        var change = RunChange(progress: course.progress, plan: run.plan, commits: RunCommits(run.held.snapshot))
        change.runsAgain = run.runsAgain
        if told.contains(.finished) {
            change.plan = nil
            change.add(closing(course, "errored: \(RunCourse.lostFile)"))
            change.ending = .init(result: .errored, message: RunCourse.lostFile)
            try await journal.keep(change, of: course.accepted)
            return false
        }
        if told.contains(.started) { change.add(answers.started(for: course.request, plan: run.plan)) }
        // Where Keptn is told nothing, there is nothing yet that a restart would have to know.
        if course.progress.state == .started { try await journal.keep(change, of: course.accepted) }
        return true
    }

    @inline(never)
    private func execute(_ run: PlannedRun, _ observer: some RunObserver) async throws -> RunOutcome {
        let course = run.course
        _ = try course.apply(.began)
        var change = RunChange(progress: course.progress, plan: run.plan, commits: RunCommits(run.held.snapshot))
        change.runsAgain = run.runsAgain
        do {
            try await journal.keep(change, of: course.accepted)
        } catch {
            throw CancellationError()
        }
        observer.began()
        let output = executor.output(of: course.accepted.run)
        outputs?.began(course.accepted.run, output)
        let timeout = timeout(course.request.scope)
        let outcome = await executor.run(
            course.request,
            plan: run.plan,
            runID: course.accepted.run,
            timeout: timeout,
            output: output
        ) { observer.output($0, $1) }
        run.outputBytes = await outputs?.ended(course.accepted.run, output) ?? 0
        output.discard()
        return outcome
    }

    @inline(never)
    private func conclude(_ run: PlannedRun, _ outcome: RunOutcome) async throws -> RunReport {
        let course = run.course
        if journal.isDurable, run.runsAgain, outcome.result != .pass, Task.isCancelled, !course.accepted.stop.isRequested {
            return RunReport(state: .leftForNextStart, plan: run.plan, snapshot: run.held.snapshot)
        }
        var staleness = run.held.snapshot.staleness
        if let reason = staleness?.reason { staleness?.reason = secrets.redact(reason) }
        let reply = answers.finished(for: course.request, plan: run.plan, outcome: outcome, staleness: staleness)
        // What has passed all the same came to its end before anybody could stop it.
        let isCancelled = course.accepted.stop.isRequested && outcome.result != .pass
        let told = try course.apply(isCancelled ? .cancelled : .ended(outcome.result))
        var change = RunChange(progress: course.progress)
        var warnings = reply.warnings
        let isAnswered = told.contains(.finished)
        for event in isAnswered ? reply.events.dropLast() : reply.events[...] where !course.accepted.isSilent {
            let depth = course.accepted.origin.depth
            guard depth < OutgoingEvent.depthLimit else {
                warnings.append("\(event.type) was not sent: it would be follow-up \(depth + 1) of a chain, \(depth) are allowed")
                continue
            }
            change.events.append(OutgoingEvent(event: event, origin: .followUp(depth: depth + 1)))
        }
        if isAnswered { change.add(reply.events.last) }
        change.ending = .init(
            result: outcome.result,
            message: outcome.message,
            steps: outcome.steps,
            outputBytes: run.outputBytes
        )
        try await journal.keep(change, of: course.accepted)
        return RunReport(state: .ran(outcome), plan: run.plan, snapshot: run.held.snapshot, warnings: warnings)
    }
}

// MARK: Ends without a run

extension Pipeline {
    /// The scripts cannot be had: a task is told so if the last known commits have a file for it, else it is not ours to answer.
    private func giveUp(_ course: RunCourse, _ reason: String, failureClass: String? = nil) async throws -> RunReport {
        let reason = secrets.redact(reason)
        var report = RunReport(state: .errored(reason: reason, failureClass: failureClass))
        var plan = course.plannedBefore
        if let held = await snapshots.lastKnown(for: course.request) {
            defer { held.release() }
            plan = await executor.plan(course.request, in: held.snapshot)
            report.plan = plan
            report.snapshot = held.snapshot
        }
        let isAnswered = isAnswered(course, plan)
        let told = try course.apply(.gaveUp(isAnswered: isAnswered))
        var change = RunChange(progress: course.progress)
        if told.contains(.started) { change.add(answers.started(for: course.request, plan: plan)) }
        if told.contains(.finished) {
            change.add(closing(course, plan: isAnswered ? plan : course.plannedBefore, "errored: \(reason)"))
        }
        change.ending = .init(result: .errored, message: reason)
        try await journal.keep(change, of: course.accepted)
        return report
    }

    /// The finished of a run that Keptn knows of and that runs nothing, whatever the settings say of its event now.
    private func closing(_ course: RunCourse, plan: Plan? = nil, _ message: String, result: RunResult = .errored) -> CloudEvent? {
        let outcome = RunOutcome(result: result, message: message, steps: [])
        var request = course.optionalRequest
        if request == nil, case .run(let asked) = rules.interpreter.interpret(course.accepted.event) { request = asked }
        return request.flatMap { answers.closing($0, plan: plan ?? course.plannedBefore, outcome: outcome) }
    }

    /// Nothing runs for the event.
    private func end(_ course: RunCourse, _ report: RunReport) async throws -> RunReport {
        guard case .nothingToRun(let reason) = report.state else { return report }
        // It may be over since it was accepted.
        guard !course.progress.state.isOver else { return report }
        let told = try course.apply(.foundNothing)
        var change = RunChange(progress: course.progress)
        change.ending = .init(result: nil, message: reason)
        if told.contains(.finished) {
            change.add(closing(course, "errored: \(reason)"))
            change.ending?.result = .errored
        }
        try await journal.keep(change, of: course.accepted)
        return report
    }

    /// The task of a run was cancelled before its turn.
    private func leave(_ run: PlannedRun) async throws -> RunReport {
        let course = run.course
        guard course.accepted.stop.isRequested || !journal.isDurable else {
            return RunReport(state: .leftForNextStart, plan: run.plan, snapshot: run.held.snapshot)
        }
        let isWanted = !course.accepted.stop.isRequested
        let message = isWanted ? "errored: the service stopped before a file ran" : "cancelled before a file ran"
        let outcome = RunOutcome(result: isWanted ? .errored : .fail, message: message, steps: [])
        if isWanted { _ = try course.apply(.began) }
        return try await conclude(run, outcome)
    }

    /// The same before its files were known.
    private func leave(_ course: RunCourse, _ reason: String) async throws -> RunReport {
        if course.accepted.stop.isRequested {
            let told = try course.apply(.cancelled)
            var change = RunChange(progress: course.progress)
            let message = "cancelled before a file ran"
            change.ending = .init(result: .fail, message: message)
            if told.contains(.finished) {
                change.add(closing(course, message, result: .fail))
            }
            try await journal.keep(change, of: course.accepted)
            return RunReport(state: .ran(RunOutcome(result: .fail, message: message, steps: [])))
        }
        guard !journal.isDurable else { return RunReport(state: .leftForNextStart) }
        // The last known commits are looked up in a task of its own: this one can wait for nothing any more.
        return try await Task { try await giveUp(course, reason) }.value
    }
}

/// What comes of an event before its run has a slot.
private enum Preparation: Sendable {
    indirect case over(RunReport)
    case planned(PlannedRun)
}

/// A run that waits for its slot. A class, so that it costs the functions that hand it on no more than a pointer.
private final class PlannedRun: Sendable {
    let course: RunCourse
    let plan: Plan
    /// Released by who has it.
    let held: HeldSnapshot
    /// All its files can be run again after a restart.
    let runsAgain: Bool
    private let bytes = Atomic(0)

    /// Of the output that was kept.
    var outputBytes: Int {
        get { bytes.load(ordering: .relaxed) }
        set { bytes.store(newValue, ordering: .relaxed) }
    }

    init(course: RunCourse, plan: Plan, held: HeldSnapshot, runsAgain: Bool) {
        self.course = course
        self.plan = plan
        self.held = held
        self.runsAgain = runsAgain
    }
}
