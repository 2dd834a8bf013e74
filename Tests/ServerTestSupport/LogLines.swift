import CloudEvents
import Synchronization

/// The JSON log of a service, line by line as it is written.
final class LogLines: Sendable {
    private struct State {
        var pending: [UInt8] = []
        var text = ""
        var entries: [JSON] = []
        var isFinished = false
        var waiters: [(isWanted: @Sendable (JSON) -> Bool, continuation: CheckedContinuation<JSON?, Never>)] = []
    }

    private let state = Mutex(State())

    var entries: [JSON] { state.withLock { $0.entries } }
    var text: String { state.withLock { $0.text } }
    var isFinished: Bool { state.withLock { $0.isFinished } }

    func append(_ bytes: [UInt8]) {
        state.withLock { state in
            state.pending += bytes
            state.text += String(decoding: bytes, as: UTF8.self)
            while let end = state.pending.firstIndex(of: 0x0A) {
                let line = Array(state.pending[..<end])
                state.pending.removeSubrange(...end)
                guard let entry = try? JSON(parsing: line) else { continue }
                state.entries.append(entry)
                state.waiters.removeAll { waiter in
                    guard waiter.isWanted(entry) else { return false }
                    waiter.continuation.resume(returning: entry)
                    return true
                }
            }
        }
    }

    /// Nothing more will come.
    func finish() {
        state.withLock { state in
            state.isFinished = true
            for waiter in state.waiters { waiter.continuation.resume(returning: nil) }
            state.waiters = []
        }
    }

    func first(where isWanted: @escaping @Sendable (JSON) -> Bool) async -> JSON? {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                if let entry = state.entries.first(where: isWanted) {
                    continuation.resume(returning: entry)
                } else if state.isFinished {
                    continuation.resume(returning: nil)
                } else {
                    state.waiters.append((isWanted, continuation))
                }
            }
        }
    }
}
