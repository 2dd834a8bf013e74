import Basics
import CloudEvents
import Curl
import Executor
import Model
import Synchronization
import TestSupport

/// An executor with a directory of its own, scripts that a test writes, and events to run them for.
struct Workshop: Sendable {
    let directory: TemporaryDirectory
    var settings: ExecutorSettings
    let secrets = SecretRegistry()
    /// Full commit ids, one for the stage's branch and one for the default branch.
    static let stageCommit = String(repeating: "a", count: 40)
    static let projectCommit = String(repeating: "b", count: 40)

    init() throws {
        directory = try TemporaryDirectory()
        settings = ExecutorSettings(
            timeout: .seconds(30),
            grace: .seconds(2),
            serviceEnvironment: ["PATH": "/usr/local/bin:/usr/bin:/bin"],
            runsDirectory: directory.path + "/runs"
        )
    }

    var runsDirectory: String { "\(directory.path)/runs" }

    /// Writes a script; `place` is a path as in the commit's tree: `carts/genericexecutor`, `genericexecutor`.
    @discardableResult
    func write(_ name: String, _ text: String, level: Level = .service, folder: String = "genericexecutor") throws -> String {
        try directory.write(text, to: "\(Self.place(level))/\(folder)/\(name)")
    }

    private static func place(_ level: Level) -> String {
        switch level {
        case .service: "\(stageCommit)/carts"
        case .stage: stageCommit
        case .project: projectCommit
        }
    }

    var snapshot: Snapshot {
        Snapshot(
            places: Level.allCases.map { level in
                Snapshot.Place(
                    level: level,
                    branch: level == .project ? "main" : "dev",
                    commit: level == .project ? Self.projectCommit : Self.stageCommit,
                    path: level == .service ? "carts" : "",
                    directory: "\(directory.path)/\(Self.place(level))"
                )
            }
        )
    }

    /// Plans and runs what is there for `request`.
    func run(_ request: ScriptRequest, onOutput: (@Sendable (Script, OutputChunk) -> Void)? = nil) async throws -> RunOutcome {
        let executor = try Executor(settings: settings, client: HTTPClient(), secrets: secrets)
        let plan = await executor.plan(request, in: snapshot)
        let output = executor.output(of: "run-1")
        defer { output.remove() }
        return await executor.run(request, plan: plan, runID: "run-1", output: output, onOutput: onOutput)
    }

    /// Runs `text` as the one script `test.triggered.sh`.
    func runShell(_ text: String, _ request: ScriptRequest = .sample()) async throws -> RunOutcome {
        try write("test.triggered.sh", text)
        return try await run(request)
    }

    /// What is left of working directories.
    func leftovers() throws -> [String] { try Files.list(runsDirectory) }
}

extension ScriptRequest {
    /// A request for `test.triggered`, as it comes out of a Keptn 0.8 event.
    static func sample(
        names: [String] = ["test.triggered"],
        id: String = "event-1",
        data: JSON = ["project": "sockshop", "stage": "dev", "service": "carts"],
        extensions: JSONObject = [:],
        variables: [Variable] = [],
        firstMatchOnly: Bool = false,
        task: String? = "test"
    ) -> ScriptRequest {
        let event = CloudEvent(
            id: id,
            source: "shipyard-controller",
            specVersion: .v1_0,
            type: "sh.keptn.event.test.triggered",
            time: Timestamp(seconds: 1_600_000_000),
            extensions: extensions,
            data: .json(data)
        )
        return ScriptRequest(
            event: event,
            scope: Scope(project: PlainName("sockshop"), stage: PlainName("dev"), service: PlainName("carts")),
            names: names,
            firstMatchOnly: firstMatchOnly,
            task: task,
            variables: [Variable("ID", id)] + variables
        )
    }
}
