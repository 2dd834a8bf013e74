import Logging
import Model
import RepoCache
import ServiceLifecycle
import Synchronization

/// Refreshes projects ahead of their events, in the background: of each project one refresh at a time, and one that waits.
final class RefreshAhead: Service {
    private struct State {
        var active: Set<PlainName> = []
        /// Asked for again since their refresh began: that may have begun before the push.
        var again: Set<PlainName> = []
    }

    private let state = Mutex(State())
    private let requests: AsyncStream<PlainName>
    private let continuation: AsyncStream<PlainName>.Continuation
    private let width: Int
    private let refresh: @Sendable (PlainName) async throws -> Void
    private let logger: Logger

    /// - Parameter width: how many projects are refreshed at a time; the rest waits in order.
    init(width: Int = 8, logger: Logger, refresh: @escaping @Sendable (PlainName) async throws -> Void) {
        self.width = width
        self.refresh = refresh
        self.logger = logger
        (requests, continuation) = AsyncStream.makeStream()
    }

    /// Has a project refreshed, by a refresh that begins after this call; returns at once.
    func request(_ project: PlainName) {
        let isNew = state.withLock { state in
            if state.active.insert(project).inserted { return true }
            state.again.insert(project)
            return false
        }
        if isNew { continuation.yield(project) }
    }

    /// Works until the graceful shutdown, which ends what is in hand: events ask for themselves.
    func run() async throws {
        await cancelWhenGracefulShutdown { await self.work() }
    }

    private func work() async {
        await withTaskGroup(of: Void.self) { group in
            var active = 0
            for await project in requests {
                if active == width {
                    await group.next()
                    active -= 1
                }
                active += 1
                group.addTask { await self.work(on: project) }
            }
        }
    }

    private func work(on project: PlainName) async {
        repeat {
            // What was asked for until here, this refresh answers.
            state.withLock { _ = $0.again.remove(project) }
            do {
                try await refresh(project)
            } catch  where Task.isCancelled {
                return
            } catch {
                let failure = (error as? RepoCacheError)?.failureClass ?? "other"
                logger.warning(
                    "the refresh after a push failed",
                    metadata: ["project": "\(project)", "class": "\(failure)", "reason": "\(error)"]
                )
            }
        } while !Task.isCancelled && isWantedAgain(project)
    }

    private func isWantedAgain(_ project: PlainName) -> Bool {
        state.withLock { state in
            if state.again.contains(project) { return true }
            state.active.remove(project)
            return false
        }
    }
}
