/// What one attempt to send an event has come to.
enum DeliveryAttempt: Sendable, Hashable {
    case delivered
    /// The receiver will never take it.
    case refused(reason: String)
    /// - Parameters:
    ///   - isConnected: whether the receiver answered at all.
    ///   - retryAfter: what it asked for, at most an hour.
    case failed(reason: String, isConnected: Bool, retryAfter: Duration?)

    var reason: String? {
        switch self {
        case .delivered: nil
        case .refused(let reason), .failed(let reason, _, _): reason
        }
    }
}
