import Logging
import ServiceLifecycle

/// Takes accepted events from the inbox and sees each through the pipeline; the scheduler decides how many run at once.
///
/// On graceful shutdown it accepts nothing more and sees what it has to its end; what is left at `shutdownTimeout` is stopped.
struct PipelineService: Service {
    let pipeline: Pipeline
    let inbox: Inbox
    let shutdownTimeout: Duration
    let logger: Logger

    func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await consume() }
            group.addTask {
                try? await gracefulShutdown()
                inbox.close()
                try? await Task.sleep(for: shutdownTimeout)
            }
            // The first task ends when the last event is done, the second when time is up.
            await group.next()
            group.cancelAll()
        }
        if inbox.depth > 0 {
            logger.error("events were not run before the end", metadata: ["events": "\(inbox.depth)"])
        }
    }

    private func consume() async {
        await withDiscardingTaskGroup { group in
            for await accepted in inbox.events {
                group.addTask { await process(accepted) }
            }
        }
    }

    private func process(_ accepted: AcceptedEvent) async {
        let observer = LogObserver(accepted, inbox: inbox, logger: logger)
        let report = await pipeline.run(accepted, observer: observer)
        observer.ended(report)
    }
}
