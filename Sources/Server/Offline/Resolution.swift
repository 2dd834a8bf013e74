import Basics
import CloudEvents
import Executor
import Keptn
public import Logging
import Model
import RepoCache

/// Which files would run: what `resolve` answers.
public struct Resolution: Sendable {
    /// What is asked about, as on the command line.
    public struct Question: Sendable {
        public var project: String
        public var stage: String?
        public var service: String?
        public var type: String
        public var action: String?

        public init(project: String, stage: String?, service: String?, type: String, action: String?) {
            self.project = project
            self.stage = stage
            self.service = service
            self.type = type
            self.action = action
        }

        /// An event that has just what decides about files.
        var event: CloudEvent {
            var data: JSONObject = ["project": .string(project)]
            if let stage { data["stage"] = .string(stage) }
            if let service { data["service"] = .string(service) }
            if let action { data["action"] = ["action": .string(action)] }
            return CloudEvent(
                id: UniqueID.random(),
                source: "resolve",
                specVersion: .v1_0,
                type: type,
                time: .now(),
                data: .json(.object(data))
            )
        }
    }

    private let scratch: ScratchDirectory
    private let parts: Parts

    public init(_ configuration: ServiceConfiguration, logger: Logger) throws {
        scratch = try ScratchDirectory()
        parts = try Parts(configuration.kept(in: scratch), logger: logger)
    }

    /// Writes the answer to standard output.
    ///
    /// - Throws: ``ConfigurationError`` for a question that no event could ask, or what kept the repository from being read.
    public func answer(_ question: Question, output: OutputFormat) async throws -> ExitStatus {
        defer { scratch.remove() }
        do {
            return try await Interruption.cancelling { try await find(question, output: output) }
        } catch let error as RepoCacheError where error.failureClass == RepoCacheError.configuration {
            throw ConfigurationError(error.description)
        }
    }

    private func find(_ question: Question, output: OutputFormat) async throws -> ExitStatus {
        switch parts.interpreter.interpret(question.event) {
        case .ignore(let reason): throw ConfigurationError("no file runs for this event: \(reason)")
        case .run(let request):
            let held = try await parts.snapshots.snapshot(for: request, commit: request.commit, deadline: .after(.seconds(75)))
            defer { held.release() }
            let plan = await parts.executor.plan(request, in: held.snapshot)
            show(plan, in: held.snapshot, as: output)
            return plan.scripts.isEmpty ? .nothingToRun : .pass
        }
    }

    private func show(_ plan: Plan, in snapshot: Snapshot, as output: OutputFormat) {
        switch output {
        case .json: Terminal.print(RunDocument.plan(plan, in: snapshot).prettyText)
        case .text:
            if let staleness = snapshot.staleness { Terminal.print("stale   \(staleness.failureClass): \(staleness.reason)") }
            for warning in snapshot.warnings + plan.warnings { Terminal.print("note    \(warning)") }
            for line in PlanText.lines(of: plan, in: snapshot) { Terminal.print(line) }
        }
    }
}
