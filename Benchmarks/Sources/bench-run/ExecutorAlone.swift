import CloudEvents
import Curl
import Executor
import Glibc
import Measuring
import Model
import Serving
import Synchronization

/// `Executor.run` in this process: no Git, no HTTP, no answers.
struct ExecutorAlone: Contender {
    let name = Options.Name.executor
    private let executor: Executor
    private let request: ScriptRequest
    private let plan: Plan

    init(_ workload: Workload) async throws {
        let settings = ExecutorSettings(
            serviceEnvironment: ["PATH": "/usr/bin:/bin"],
            runsDirectory: workload.runsDirectory
        )
        executor = try Executor(settings: settings, client: HTTPClient())
        let event = try EventDecoder.decode(structured: Array(Workload.event.utf8), now: .now())
        let (project, stage, service) = (PlainName("bench"), PlainName("dev"), PlainName("carts"))
        request = ScriptRequest(
            event: event,
            scope: Scope(project: project, stage: stage, service: service),
            names: ["bench.triggered"],
            task: "bench",
            variables: [
                Variable("ID", event.id), Variable("TYPE", event.type), Variable("PROJECT", "bench"), Variable("STAGE", "dev"),
                Variable("SERVICE", "carts"), Variable("LABEL_build", "17"), Variable("LABEL_BUILD", "17"),
            ]
        )
        let place = Snapshot.Place(
            level: .project,
            branch: "main",
            commit: String(repeating: "a", count: 40),
            path: "",
            directory: workload.commitDirectory
        )
        plan = await executor.plan(request, in: Snapshot(places: [place]))
        guard plan.scripts.count == 1 else { throw BenchmarkError("the executor does not find \(Workload.scriptName)") }
    }

    func turn(_ runs: Int, atOnce: Int) async throws -> Turn {
        let next = Counter()
        let before = ProcessTime.current
        let start = ContinuousClock.now
        let latencies = try await withThrowingTaskGroup(of: [Double].self) { group in
            for _ in 0..<atOnce { group.addTask { try await runUntil(runs, next) } }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        return Turn(
            runs: runs,
            duration: .now - start,
            latencies: latencies,
            time: ProcessTime.current - before,
            memory: try residentMemory(of: Int(getpid()))
        )
    }

    /// One of those who run the script, one after the other, until it was run often enough.
    @concurrent private func runUntil(_ runs: Int, _ next: Counter) async throws -> [Double] {
        var latencies: [Double] = []
        while true {
            let number = next.next()
            guard number <= runs else { return latencies }
            let start = ContinuousClock.now
            let runID = "run-\(number)"
            let output = executor.output(of: runID)
            let outcome = await executor.run(request, plan: plan, runID: runID, output: output)
            output.discard()
            latencies.append((.now - start).milliseconds)
            guard outcome.result == .pass, outcome.message.contains(Workload.output) else {
                throw BenchmarkError("the executor's run ended with \(outcome.result): \(outcome.message)")
            }
        }
    }
}

/// 1, 2, 3, ...
private final class Counter: Sendable {
    private let last = Atomic<Int>(0)

    func next() -> Int { last.add(1, ordering: .relaxed).newValue }
}
