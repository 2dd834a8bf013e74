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
            return await run(request, accepted, depth: depth, place: place, observer: observer)
        }
    }

    private func run(
        _ request: ScriptRequest,
        _ accepted: AcceptedEvent,
        depth: Int,
        place: RunPlace,
        observer: some RunObserver
    ) async -> RunReport {
        let held: HeldSnapshot
        do {
            held = try await snapshots.snapshot(for: request, deadline: .after(snapshotTimeout))
        } catch is CancellationError {
            // The last known commits are looked up in a task of its own: this one can wait for nothing any more.
            return await Task { await giveUp(request, reason: "the service stopped before the scripts were there") }.value
        } catch {
            return await giveUp(request, reason: "\(error)")
        }
        defer { held.release() }
        let plan = await executor.plan(request, in: held.snapshot)
        observer.planned(plan, in: held.snapshot)
        guard !plan.scripts.isEmpty else {
            let name = request.names.first ?? "all.events"
            return .nothing("no file for \(name) was found on any level", plan: plan, snapshot: held.snapshot)
        }
        sendAnswer(answers.started(for: request, plan: plan))
        let outcome = await execute(request, plan, accepted, place: place, observer: observer)
        var staleness = held.snapshot.staleness
        if let reason = staleness?.reason { staleness?.reason = secrets.redact(reason) }
        let reply = answers.finished(for: request, plan: plan, outcome: outcome, staleness: staleness)
        let warnings = sendReply(reply, isAnswered: answers.isAnswered(request, plan), depth: depth)
        return RunReport(state: .ran(outcome), plan: plan, snapshot: held.snapshot, warnings: warnings)
    }

    private func execute(
        _ request: ScriptRequest,
        _ plan: Plan,
        _ accepted: AcceptedEvent,
        place: RunPlace,
        observer: some RunObserver
    ) async -> RunOutcome {
        do {
            return try await place.withSlot {
                observer.began()
                let output = executor.output(of: accepted.run)
                defer { output.discard() }
                return await executor.run(
                    request,
                    plan: plan,
                    runID: accepted.run,
                    timeout: timeout(request.scope),
                    output: output
                ) {
                    observer.output($0, $1)
                }
            }
        } catch {
            return RunOutcome(result: .errored, message: "errored: the service stopped before a file ran", steps: [])
        }
    }

    /// The scripts cannot be had: a task is told so if the last known commits have a file for it, else it is not ours to answer.
    private func giveUp(_ request: ScriptRequest, reason: String) async -> RunReport {
        let reason = secrets.redact(reason)
        guard let held = await snapshots.lastKnown(for: request) else { return RunReport(state: .errored(reason: reason)) }
        defer { held.release() }
        let plan = await executor.plan(request, in: held.snapshot)
        sendAnswer(answers.started(for: request, plan: plan))
        sendAnswer(answers.errored(for: request, plan: plan, reason: "errored: \(reason)"))
        return RunReport(state: .errored(reason: reason), plan: plan, snapshot: held.snapshot)
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
