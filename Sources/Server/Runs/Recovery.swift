import CloudEvents
import FoundationEssentials
import GRDB
import Keptn
import Logging
import Model

/// Sees to what a start finds unfinished: what waited is run, what had begun is answered as interrupted, or run again where its files
/// ask for it.
///
/// Nothing of the process before may run any more.
struct Recovery: Sendable {
    static let interrupted = "errored: interrupted by a restart"

    let store: Store
    var clock = WallClock.system
    let interpreter: EventInterpreter
    let answers: Answers
    let logger: Logger

    /// A run as the database has it.
    private struct Unfinished: Sendable {
        let accepted: AcceptedEvent
        let runsAgain: Bool
    }

    /// Hands what is to be run to the inbox, in the order in which it had come. Answers are put into the outbox's table: whoever
    /// counts them does it afterwards.
    func run(into inbox: Inbox) async throws {
        var last: Int64 = -1
        var (waiting, interrupted) = (0, 0)
        while let next = try await store.read({ [last] in try Self.next(after: last, in: $0) }) {
            last = next.sequence
            guard let run = next.run else {
                logger.error(
                    "an event in the database cannot be read: its run is given up",
                    metadata: ["run": "\(next.sequence)"]
                )
                try await store.write { try Self.giveUp(next.sequence, in: $0) }
                continue
            }
            if try await interrupt(run, inbox) { waiting += 1 } else { interrupted += 1 }
        }
        guard waiting + interrupted > 0 else { return }
        logger.notice(
            "going on where the service was",
            metadata: ["runs.waiting": "\(waiting)", "runs.interrupted": "\(interrupted)"]
        )
    }

    /// - Returns: whether it is run.
    private func interrupt(_ run: Unfinished, _ inbox: Inbox) async throws -> Bool {
        var progress = run.accepted.progress
        let told = try progress.apply(.interrupted(runsAgain: run.runsAgain))
        let accepted = AcceptedEvent(run.accepted, progress)
        guard progress.state.isOver else {
            inbox.resume(accepted)
            return true
        }
        var change = RunChange(progress: progress)
        change.ending = .init(result: .errored, message: Self.interrupted)
        if told.contains(.finished), case .run(let request) = interpreter.interpret(accepted.event) {
            let outcome = RunOutcome(result: .errored, message: Self.interrupted, steps: [])
            change.add(answers.closing(request, plan: Plan(scripts: accepted.planned), outcome: outcome))
        }
        // A start does not wait for a disk that is full: it says so and ends.
        try await store.write { [clock, change] in try StoredJournal.write(change, of: accepted, now: clock.now(), in: $0) }
        return false
    }

    private static func next(after last: Int64, in database: Database) throws -> (sequence: Int64, run: Unfinished?)? {
        guard
            let row = try Row.fetchOne(
                database,
                sql: """
                    SELECT runs.*, events.raw FROM runs LEFT JOIN events ON events.run = runs.sequence
                    WHERE finished IS NULL AND sequence > ? ORDER BY sequence LIMIT 1
                    """,
                arguments: [last]
            )
        else { return nil }
        let sequence: Int64 = row["sequence"]
        let received: Int64 = row["received"]
        guard let raw: Data = row["raw"], let state = RunState(rawValue: row["state"]),
            let event = try? EventDecoder.decode(structured: Array(raw), now: Timestamp(milliseconds: received))
        else { return (sequence, nil) }
        let accepted = AcceptedEvent(
            run: row["id"],
            sequence: sequence,
            event: event,
            received: received,
            origin: .init(depth: row["depth"]),
            progress: RunProgress(state: state, isStarted: row["is_started"]),
            planned: try RunTable.scripts(of: sequence, in: database),
            isSilent: row["is_silent"],
            pinnedCommit: row["pinned_commit"],
            isRerun: row["rerun_of"] != nil
        )
        return (sequence, Unfinished(accepted: accepted, runsAgain: row["runs_again"]))
    }

    private static func giveUp(_ sequence: Int64, in database: Database) throws {
        try database.execute(
            sql: "UPDATE runs SET state = ?, finished = received, result = ?, message = ? WHERE sequence = ?",
            arguments: [
                RunState.errored.rawValue, RunResult.errored.rawValue, "errored: the event could not be read again", sequence,
            ]
        )
    }
}
