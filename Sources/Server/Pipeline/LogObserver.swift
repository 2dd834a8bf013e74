import Basics
import CloudEvents
import Executor
import Logging
import Model
import Synchronization

/// Writes what happens to one event into the log and the metrics, and tells the inbox when it waits no longer.
final class LogObserver: RunObserver {
    private let inbox: Inbox
    private let logger: Logger
    private let metrics: ServiceMetrics
    private let accepted: AcceptedEvent
    private let hasLeft = Mutex(false)

    init(_ accepted: AcceptedEvent, inbox: Inbox, metrics: ServiceMetrics, logger: Logger) {
        self.inbox = inbox
        self.metrics = metrics
        self.accepted = accepted
        var logger = logger
        logger[metadataKey: "run.id"] = "\(accepted.run)"
        logger[metadataKey: "event.id"] = "\(accepted.event.id)"
        logger[metadataKey: "event.type"] = "\(accepted.event.type)"
        if let context = accepted.event.extensionText("shkeptncontext") { logger[metadataKey: "keptn.context"] = "\(context)" }
        for name in ["project", "stage", "service"] {
            if let text = accepted.event.dataObject?.value(ignoringCase: name)?.string { logger[metadataKey: name] = "\(text)" }
        }
        self.logger = logger
    }

    func planned(_ plan: Plan, in snapshot: Snapshot) {
        for warning in snapshot.warnings + plan.warnings { logger.warning("repository", metadata: ["warning": "\(warning)"]) }
        if let staleness = snapshot.staleness {
            logger.warning(
                "running the last good commit",
                metadata: ["class": "\(staleness.failureClass)", "reason": "\(staleness.reason)", "age": "\(staleness.age)"]
            )
        }
        logger.debug("planned", metadata: ["files": .array(plan.scripts.map { .string($0.name) })])
    }

    func began() {
        metrics.recordQueue(.now - accepted.time)
        leave()
    }

    /// What scripts print is logged as a whole when the file has ended.
    func output(_ script: Script, _ chunk: OutputChunk) {}

    func ended(_ report: RunReport) {
        leave()
        for warning in report.warnings { logger.warning("answer", metadata: ["warning": "\(warning)"]) }
        switch report.state {
        case .leftForNextStart: return logger.notice("the run waits for the next start")
        case .nothingToRun(let reason): logger.info("nothing to run", metadata: ["reason": "\(reason)"])
        case .errored(let reason, _): logger.error("the scripts could not be had", metadata: ["reason": "\(reason)"])
        case .ran(let outcome):
            for step in outcome.steps {
                metrics.record(step)
                log(step)
            }
            logger.info("run finished", metadata: ["result": "\(outcome.result.rawValue)"])
        }
        metrics.count(report.result)
    }

    private func log(_ step: StepOutcome) {
        var metadata: Logger.Metadata = [
            "file": "\(step.script.name)", "script.level": "\(step.script.level.rawValue)", "commit": "\(step.script.commit)",
            "result": "\(step.result.rawValue)", "seconds": "\(step.duration.seconds)", "output": "\(step.output)",
        ]
        if let usage = step.usage {
            metadata["cpu.seconds"] = "\(usage.cpuTime.seconds)"
            if let peak = usage.peakMemory { metadata["memory.peak"] = "\(peak)" }
        }
        if let reason = step.reason { metadata["reason"] = "\(reason)" }
        logger.log(level: step.result == .pass ? .info : .warning, "file ran", metadata: metadata)
    }

    private func leave() {
        let isFirst = hasLeft.withLock { hasLeft in
            defer { hasLeft = true }
            return !hasLeft
        }
        if isFirst { inbox.leave(accepted) }
    }
}
