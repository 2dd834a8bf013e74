import Basics

/// How many events go to the receiver at once. Pure.
///
/// While it cannot be reached, one event at a time tries, at longer and longer intervals: nothing else waits in memory, and nobody
/// has to go through thousands of events to find out that it is there again.
struct ReceiverPace: Sendable, Hashable {
    private let width: Int
    private let backoff: Backoff
    private var failures = 0
    /// When the next one may try; nil if there is nothing to wait for.
    private(set) var resumption: ContinuousClock.Instant?

    init(width: Int, backoff: Backoff) {
        self.width = width
        self.backoff = backoff
    }

    /// How many more may be sent at `now`, with `count` on their way.
    func room(at now: ContinuousClock.Instant, inFlight count: Int) -> Int {
        guard let resumption else { return width - count }
        return now >= resumption && count == 0 ? 1 : 0
    }

    /// It answered, whatever it said.
    mutating func answered() {
        failures = 0
        resumption = nil
    }

    mutating func failedToConnect(at now: ContinuousClock.Instant) {
        failures += 1
        resumption = now + backoff.delay(after: failures)
    }
}
