import CloudEvents
import Synchronization

/// A clock that begins at this moment and goes when it is told.
final class TestClock: Sendable {
    private let start = Timestamp.now().seconds
    private let ahead = Mutex<Int64>(0)

    var now: Timestamp { Timestamp(seconds: start + ahead.withLock { $0 }) }

    /// - Returns: how far it went so far.
    func advance(_ seconds: Int64) -> Int64 {
        ahead.withLock { ahead in
            ahead += seconds
            return ahead
        }
    }
}
