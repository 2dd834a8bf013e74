import CloudEvents
import GRDB
import Model
import TestSupport

@testable import Server

extension StoreFixture {
    /// A run to be put into the history, as far as it has come.
    struct Sample {
        var project: String? = "shop"
        var stage: String? = "dev"
        var service: String? = "carts"
        var type = "sh.keptn.event.test.triggered"
        var received: Int64 = 1_000
        /// nil: it waits.
        var result: RunResult?
        var isRunning = false
        var isCancelled = false
        var message = "done"
        var commits: RunCommits?
    }

    static let script = Script(
        name: "test.triggered.sh",
        kind: .sh,
        level: .service,
        branch: "dev",
        commit: "da15",
        folder: "genericexecutor",
        path: ""
    )

    /// - Returns: the ids of the runs.
    @discardableResult
    func add(_ samples: [Sample]) async throws -> [String] {
        try await store.write { database in try samples.map { try Self.add($0, to: database) } }
    }

    private static func add(_ sample: Sample, to database: Database) throws -> String {
        var data: JSONObject = [:]
        for (name, value) in [("project", sample.project), ("stage", sample.stage), ("service", sample.service)] {
            data[name] = value.map(JSON.string)
        }
        let event = CloudEvent(
            id: "event",
            source: "test",
            specVersion: .v1_0,
            type: sample.type,
            time: Timestamp(milliseconds: sample.received),
            extensions: ["shkeptncontext": "context"],
            data: .json(.object(data))
        )
        let run = RunTable.NewRun(event: event, received: sample.received)
        let sequence = try RunTable.insert(run, in: database)
        var progress = RunProgress()
        guard sample.result != nil || sample.isRunning else { return run.id }
        _ = try? progress.apply(.planned(isAnswered: true))
        _ = try? progress.apply(.began)
        var change = RunChange(progress: progress, plan: Plan(scripts: [script]), commits: sample.commits)
        try RunTable.update(sequence, change, now: sample.received + 500, in: database)
        guard let result = sample.result else { return run.id }
        _ = try? progress.apply(sample.isCancelled ? .cancelled : .ended(result))
        change = RunChange(progress: progress)
        let step = StepOutcome(
            script: script,
            result: result,
            ending: .exited(result == .pass ? 0 : 3),
            duration: .milliseconds(250),
            output: "",
            reason: result == .pass ? nil : "exit status 3"
        )
        change.ending = .init(result: result, message: sample.message, steps: [step])
        try RunTable.update(sequence, change, now: sample.received + 1_500, in: database)
        return run.id
    }
}
