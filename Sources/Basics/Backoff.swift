/// How long to wait before the next try: doubling steps up to a cap, with full jitter, so that many who failed together do not
/// come back together.
public struct Backoff: Sendable, Hashable {
    public let first: Duration
    public let cap: Duration

    public init(first: Duration, cap: Duration) {
        self.first = first
        self.cap = cap
    }

    /// The longest wait after `attempt` tries, counted from 1.
    public func ceiling(after attempt: Int) -> Duration {
        let doublings = min(max(attempt, 1) - 1, 30)
        return min(cap, first * (1 << doublings))
    }

    /// A wait between zero and the ceiling.
    public func delay(after attempt: Int) -> Duration {
        .seconds(ceiling(after: attempt).seconds * Double.random(in: 0...1))
    }
}
