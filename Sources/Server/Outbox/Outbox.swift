import CloudEvents
import Logging
import ServiceLifecycle
import Synchronization

/// Sends events in order per Keptn context: a context whose receiver is slow delays no other one. Lives in memory.
final class Outbox: Service {
    private struct State {
        var queues: [String: [CloudEvent]] = [:]
        var depth = 0
    }

    private let state = Mutex(State())
    private let contexts: AsyncStream<String>
    private let wake: AsyncStream<String>.Continuation
    private let delivery: Delivery
    private let flushTimeout: Duration
    private let logger: Logger

    /// - Parameter flushTimeout: how long what waits is still tried after the shutdown began.
    init(delivery: Delivery, flushTimeout: Duration, logger: Logger) {
        self.delivery = delivery
        self.flushTimeout = flushTimeout
        self.logger = logger
        (contexts, wake) = AsyncStream.makeStream()
    }

    /// Takes an event for sending; returns at once.
    func append(_ event: CloudEvent) {
        let context = event.extensionText("shkeptncontext") ?? event.id
        let isIdle = state.withLock { state in
            let isIdle = state.queues[context] == nil
            state.queues[context, default: []].append(event)
            state.depth += 1
            return isIdle
        }
        if isIdle { wake.yield(context) }
    }

    /// How many events wait to be sent.
    var depth: Int { state.withLock { $0.depth } }

    /// Sends until the graceful shutdown, then what is left, within the flush timeout.
    func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.sendAll() }
            group.addTask {
                try? await gracefulShutdown()
                self.wake.finish()
                try? await Task.sleep(for: self.flushTimeout)
            }
            // The first task ends when all is sent, the second when time is up.
            await group.next()
            group.cancelAll()
        }
        for event in state.withLock({ $0.queues.values.flatMap { $0 } }) {
            logger.error("event was not delivered before the end", metadata: Delivery.metadata(of: event))
        }
    }

    private func sendAll() async {
        await withDiscardingTaskGroup { group in
            for await context in contexts {
                group.addTask { await self.drain(context) }
            }
        }
    }

    private func drain(_ context: String) async {
        var next = state.withLock { $0.queues[context]?.first }
        while let event = next {
            if case .abandoned = await delivery.deliver(event) { return }
            next = state.withLock { state in
                state.depth -= 1
                state.queues[context]?.removeFirst()
                let next = state.queues[context]?.first
                // From here on an event wakes somebody else: to look again would be to send it twice.
                if next == nil { state.queues[context] = nil }
                return next
            }
        }
    }
}
