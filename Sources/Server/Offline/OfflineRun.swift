import Basics
public import CloudEvents
import Executor
public import Logging
import Model
import RepoCache

/// One event, run without a server: what `run` does.
public struct OfflineRun: Sendable {
    private let scratch: ScratchDirectory
    private let commit: String?
    private let sends: Bool
    private let parts: Parts

    /// - Parameters:
    ///   - commit: pins service and stage level, whatever the event says.
    ///   - sends: whether the events are posted, not only shown.
    public init(_ configuration: ServiceConfiguration, commit: String?, sends: Bool, logger: Logger) throws {
        scratch = try ScratchDirectory()
        self.commit = commit
        self.sends = sends
        self.parts = try Parts(configuration.kept(in: scratch), logger: logger)
    }

    /// Runs `event` and writes what happens to standard output. SIGINT and SIGTERM end its scripts, and then it.
    public func run(_ event: CloudEvent, output: OutputFormat) async throws -> ExitStatus {
        defer { scratch.remove() }
        return try await Interruption.cancelling { await runToEnd(event, output: output) }
    }

    private func runToEnd(_ event: CloudEvent, output: OutputFormat) async -> ExitStatus {
        var event = event
        if let commit { event.extensions["gitcommitid"] = .string(commit) }
        let printer = RunPrinter(output)
        let (events, continuation) = AsyncStream.makeStream(of: CloudEvent.self)
        let pipeline = parts.pipeline(journal: TerminalJournal { continuation.yield($0) })
        // Not a child: after Ctrl-C, what was started is still told that it has finished.
        let deliveries = Task { await deliver(events, printer) }
        let accepted = AcceptedEvent(run: UniqueID.ordered(), sequence: 0, event: event)
        let report = await pipeline.run(accepted, pipeline.admit(accepted), observer: printer)
        continuation.finish()
        let undelivered = await deliveries.value
        printer.ended(report, undelivered: undelivered)
        return Self.status(of: report, undelivered: undelivered)
    }

    /// Takes the events in order, a started before its scripts have ended.
    private func deliver(_ events: AsyncStream<CloudEvent>, _ printer: RunPrinter) async -> [String] {
        var failures: [String] = []
        for await event in events {
            printer.answered(event)
            guard sends, let reason = await parts.delivery.deliver(event) else { continue }
            failures.append("\(event.type) was not sent: \(reason)")
        }
        return failures
    }

    private static func status(of report: RunReport, undelivered: [String]) -> ExitStatus {
        switch report.state {
        case .nothingToRun: .nothingToRun
        case .leftForNextStart: .infrastructure
        case .errored(_, RepoCacheError.configuration?): .usage
        case .errored: .infrastructure
        case .ran(let outcome) where outcome.result == .errored || !undelivered.isEmpty: .infrastructure
        case .ran(let outcome): outcome.result == .pass ? .pass : .fail
        }
    }
}
