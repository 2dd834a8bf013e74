import Basics
import CloudEvents
import Executor
import Keptn
import Model
import RepoCache

/// The way of one event, from left to right: `interpret -> snapshot -> plan -> (started) -> run -> answer`.
///
/// What is sent leaves through `send`, in order; the outbox or a terminal is behind it.
struct Pipeline: Sendable {
    let interpreter: EventInterpreter
    let snapshots: SnapshotSource
    let executor: Executor
    let answers: Answers
    let scheduler: Scheduler
    let sent: SentEvents
    /// Masked in what servers have said, which goes into answers.
    let secrets: SecretRegistry
    let send: @Sendable (CloudEvent) -> Void
    /// How long a file of that scope may run, where its project has a limit of its own.
    let timeout: @Sendable (Scope) -> Duration?
    /// How long an event waits for its scripts before `GIT_ON_FAILURE` decides.
    var snapshotTimeout: Duration = .seconds(75)

    /// Takes the event's place in line. To be called in the order of acceptance: in a line that is kept strictly, that order counts.
    func admit(_ accepted: AcceptedEvent) -> Admission {
        let kind = sent[accepted.event.id]
        if kind == .answer { return .nothing(reason: "it is an answer that this service sent itself") }
        switch interpreter.interpret(accepted.event) {
        case .ignore(let reason): return .nothing(reason: reason)
        case .run(let request):
            let depth = if case .followUp(let depth) = kind { depth } else { 0 }
            let priority = Scheduler.Priority(isUrgent: request.isUrgent, sequence: accepted.sequence)
            return .run(request, depth: depth, place: scheduler.enter(request.scope, priority))
        }
    }

    /// Runs what an admitted event asks for, and answers it. Never throws: what goes wrong is in the report.
    ///
    /// A cancelled task ends what runs; an answer that was begun is finished all the same.
    func run(_ accepted: AcceptedEvent, _ admission: Admission, observer: some RunObserver) async -> RunReport {
        switch admission {
        case .nothing(let reason): return .nothing(reason)
        case .run(let request, let depth, let place):
            defer { place.leave() }
            switch await prepare(request, accepted.run, observer) {
            case .over(let report): return report
            case .planned(let run):
                defer { run.held.release() }
                let outcome: RunOutcome
                do {
                    outcome = try await place.withSlot { await execute(run, observer) }
                } catch {
                    outcome = RunOutcome(result: .errored, message: "errored: the service stopped before a file ran", steps: [])
                }
                return conclude(run, outcome, depth: depth)
            }
        }
    }

    // Thousands of runs may wait for their slot at once, each with what its suspended functions keep. So the parts are functions that
    // stay apart, and what comes before the slot has a task of its own: the stack of a task stays as large as it ever was.

    @inline(never)
    private func prepare(_ request: ScriptRequest, _ id: String, _ observer: some RunObserver) async -> Preparation {
        async let preparation = find(request, id, observer)
        return await preparation
    }

    private func find(_ request: ScriptRequest, _ id: String, _ observer: some RunObserver) async -> Preparation {
        let held: HeldSnapshot
        do {
            held = try await snapshots.snapshot(for: request, deadline: .after(snapshotTimeout))
        } catch is CancellationError {
            // The last known commits are looked up in a task of its own: this one can wait for nothing any more.
            return .over(await Task { await giveUp(request, "the service stopped before the scripts were there") }.value)
        } catch {
            return .over(await giveUp(request, "\(error)", failureClass: (error as? RepoCacheError)?.failureClass))
        }
        let plan = await executor.plan(request, in: held.snapshot)
        observer.planned(plan, in: held.snapshot)
        guard !plan.scripts.isEmpty else {
            defer { held.release() }
            let name = request.names.first ?? "all.events"
            return .over(.nothing("no file for \(name) was found on any level", plan: plan, snapshot: held.snapshot))
        }
        sendAnswer(answers.started(for: request, plan: plan))
        return .planned(PlannedRun(id: id, request: request, plan: plan, held: held))
    }

    @inline(never)
    private func execute(_ run: PlannedRun, _ observer: some RunObserver) async -> RunOutcome {
        observer.began()
        let output = executor.output(of: run.id)
        defer { output.discard() }
        let timeout = timeout(run.request.scope)
        return await executor.run(run.request, plan: run.plan, runID: run.id, timeout: timeout, output: output) {
            observer.output($0, $1)
        }
    }

    @inline(never)
    private func conclude(_ run: PlannedRun, _ outcome: RunOutcome, depth: Int) -> RunReport {
        var staleness = run.held.snapshot.staleness
        if let reason = staleness?.reason { staleness?.reason = secrets.redact(reason) }
        let reply = answers.finished(for: run.request, plan: run.plan, outcome: outcome, staleness: staleness)
        let warnings = sendReply(reply, isAnswered: answers.isAnswered(run.request, run.plan), depth: depth)
        return RunReport(state: .ran(outcome), plan: run.plan, snapshot: run.held.snapshot, warnings: warnings)
    }

    /// The scripts cannot be had: a task is told so if the last known commits have a file for it, else it is not ours to answer.
    private func giveUp(_ request: ScriptRequest, _ reason: String, failureClass: String? = nil) async -> RunReport {
        let reason = secrets.redact(reason)
        let state = RunReport.State.errored(reason: reason, failureClass: failureClass)
        guard let held = await snapshots.lastKnown(for: request) else { return RunReport(state: state) }
        defer { held.release() }
        let plan = await executor.plan(request, in: held.snapshot)
        sendAnswer(answers.started(for: request, plan: plan))
        sendAnswer(answers.errored(for: request, plan: plan, reason: "errored: \(reason)"))
        return RunReport(state: state, plan: plan, snapshot: held.snapshot)
    }

    private func sendAnswer(_ event: CloudEvent?) {
        guard let event else { return }
        sent.record(event.id, as: .answer)
        send(event)
    }

    /// Sends the follow-ups, if their chain is not too long, and then the answer.
    ///
    /// - Returns: what the record should say.
    private func sendReply(_ reply: Reply, isAnswered: Bool, depth: Int) -> [String] {
        var warnings = reply.warnings
        for event in isAnswered ? reply.events.dropLast() : reply.events[...] {
            guard depth < SentEvents.depthLimit else {
                warnings.append("\(event.type) was not sent: it would be follow-up \(depth + 1) of a chain, \(depth) are allowed")
                continue
            }
            sent.record(event.id, as: .followUp(depth: depth + 1))
            send(event)
        }
        if isAnswered { sendAnswer(reply.events.last) }
        return warnings
    }
}

/// What comes of an event before its run has a slot.
private enum Preparation: Sendable {
    indirect case over(RunReport)
    case planned(PlannedRun)
}

/// A run that waits for its slot. A class, so that it costs the functions that hand it on no more than a pointer.
private final class PlannedRun: Sendable {
    let id: String
    let request: ScriptRequest
    let plan: Plan
    /// Released by who has it.
    let held: HeldSnapshot

    init(id: String, request: ScriptRequest, plan: Plan, held: HeldSnapshot) {
        self.id = id
        self.request = request
        self.plan = plan
        self.held = held
    }
}
