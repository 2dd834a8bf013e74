import Logging
import ServiceLifecycle
import UnixSignals

/// Takes accepted events from the inbox and sees each through the pipeline; the scheduler decides how many run at once.
///
/// On graceful shutdown it accepts nothing more and sees what it has to its end. What runs at `shutdownTimeout`, or when a second
/// signal comes, is stopped and answered; what waits then is for the next start.
struct PipelineService: Service {
    let pipeline: Pipeline
    let inbox: Inbox
    let runs: RunsInHand
    let ending: Ending
    let shutdownTimeout: Duration
    let metrics: ServiceMetrics
    let logger: Logger

    func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await consume() }
            group.addTask {
                try? await gracefulShutdown()
                inbox.close()
                try? await Task.sleep(for: shutdownTimeout)
            }
            group.addTask { await secondSignal() }
            // The first task ends when the last event is done, the others when time is up.
            await group.next()
            ending.begin()
            group.cancelAll()
        }
        // What a second signal has ended may not end out of turn: the parts before this one are not done yet.
        try? await gracefulShutdown()
    }

    /// Returns when somebody asks for the end once more. Counted from the start: the second signal may follow the first at once,
    /// while the shutdown has not come as far as here.
    private func secondSignal() async {
        var count = 0
        for await signal in await UnixSignalsSequence(trapping: .sigterm, .sigint) {
            count += 1
            guard count > 1 else { continue }
            logger.notice("stopping at once: a second signal came", metadata: ["signal": "\(signal)"])
            // An event that is on its way in now would find nobody.
            return inbox.close()
        }
    }

    private func consume() async {
        await withDiscardingTaskGroup { group in
            for await accepted in inbox.events {
                // Here, not in the task: tasks begin in any order.
                let admission = pipeline.admit(accepted)
                group.addTask { await process(accepted, admission) }
            }
        }
    }

    private func process(_ accepted: AcceptedEvent, _ admission: Admission) async {
        let observer = LogObserver(accepted, inbox: inbox, metrics: metrics, logger: logger)
        // A task of its own, so that one run can be cancelled and not all.
        let task = Task { await pipeline.run(accepted, admission, observer: observer) }
        runs.add(accepted, cancel: task.cancel)
        defer { runs.remove(accepted) }
        let report = await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
        observer.ended(report)
    }
}
