import Basics

/// What is done about an event after an attempt to send it. Pure.
enum DeliveryVerdict: Sendable, Hashable {
    case delivered
    case retry(due: Int64)
    case refused

    /// Whether the event's fate is known.
    var isFinal: Bool { if case .retry = self { false } else { true } }

    /// - Parameters:
    ///   - attempts: how often it was tried, this time included.
    ///   - created: when the event was made; this and `now` in milliseconds since 1970.
    ///   - timeout: how long it is tried. It is tried once in any case.
    ///   - jitter: from 0 to 1.
    init(
        _ attempt: DeliveryAttempt,
        attempts: Int,
        created: Int64,
        now: Int64,
        timeout: Duration,
        backoff: Backoff,
        jitter: Double = .random(in: 0...1)
    ) {
        switch attempt {
        case .delivered: self = .delivered
        case .refused: self = .refused
        case .failed(_, _, let retryAfter):
            guard now - created < Int64(timeout.seconds * 1_000) else {
                self = .refused
                return
            }
            let wait = max(backoff.ceiling(after: attempts).seconds * jitter, retryAfter?.seconds ?? 0)
            self = .retry(due: now + Int64(wait * 1_000))
        }
    }
}
