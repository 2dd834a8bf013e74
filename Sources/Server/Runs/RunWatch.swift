import Synchronization

/// Tells who looks at a run that something has happened to it: it came into the queue, it began, or it ended.
final class RunWatch: Sendable {
    private struct State {
        var bells: [String: [UInt64: AsyncStream<Void>.Continuation]] = [:]
        var next: UInt64 = 0
    }

    private let state = Mutex(State())

    /// How many look at a run.
    var count: Int { state.withLock { $0.bells.values.reduce(0) { $0 + $1.count } } }

    /// Gives an element after each change, one for several that nobody has looked at. Look at the run after this is called, and again
    /// after each element.
    func changes(of run: String) -> AsyncStream<Void> {
        let (stream, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state in
            state.next += 1
            state.bells[run, default: [:]][state.next] = bell
            return state.next
        }
        bell.onTermination = { [weak self] _ in self?.forget(id, of: run) }
        return stream
    }

    func changed(_ run: String) {
        let bells = state.withLock { state in state.bells[run].map { Array($0.values) } ?? [] }
        for bell in bells { bell.yield() }
    }

    private func forget(_ id: UInt64, of run: String) {
        state.withLock { state in
            state.bells[run]?[id] = nil
            if state.bells[run]?.isEmpty == true { state.bells[run] = nil }
        }
    }
}
