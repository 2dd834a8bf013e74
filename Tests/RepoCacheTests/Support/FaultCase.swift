import TestSupport

/// A way in which a server goes wrong, and what the cache makes of it.
struct FaultCase: Sendable, CustomStringConvertible {
    var fault: FaultServer.Fault
    var step: FaultServer.Step
    /// Any of these is right: it can depend on which limit is reached first.
    var classes: Set<String>

    init(_ fault: FaultServer.Fault, _ step: FaultServer.Step = .any, _ classes: String...) {
        self.fault = fault
        self.step = step
        self.classes = Set(classes)
    }

    var description: String { "\(fault) at \(step)" }

    /// - Parameter other: the address of another host.
    static func all(other: String) -> [FaultCase] {
        [
            FaultCase(.silent, .any, "timeout"),
            FaultCase(.silent, .question, "timeout"),
            FaultCase(.drip, .discovery, "timeout"),
            FaultCase(.drip, .question, "timeout"),
            FaultCase(.hangUp, .any, "server"),
            FaultCase(.cut(after: 20), .discovery, "server"),
            FaultCase(.cut(after: 20), .question, "server"),
            FaultCase(.cut(after: 100), .fetch, "server"),
            FaultCase(.shortened(to: 20), .discovery, "protocol"),
            FaultCase(.shortened(to: 20), .question, "protocol"),
            FaultCase(.shortened(to: 100), .fetch, "protocol"),
            FaultCase(.flipped, .fetch, "corrupt"),
            FaultCase(.wrongChecksum, .fetch, "corrupt"),
            FaultCase(.status(401), .any, "auth"),
            FaultCase(.status(403), .any, "auth"),
            FaultCase(.status(404), .any, "not found"),
            FaultCase(.status(410), .any, "not found"),
            FaultCase(.status(429, retryAfter: .seconds(60)), .any, "throttled"),
            FaultCase(.status(429, retryAfter: .date(60)), .question, "throttled"),
            FaultCase(.status(429), .fetch, "throttled"),
            FaultCase(.status(500), .any, "server"),
            FaultCase(.status(502), .question, "server"),
            FaultCase(.status(503, retryAfter: .seconds(60)), .any, "server", "throttled"),
            FaultCase(.status(504), .fetch, "server"),
            FaultCase(.status(418), .any, "protocol"),
            FaultCase(.redirect(to: other), .any, "protocol"),
            FaultCase(.redirect(to: other), .question, "protocol"),
            FaultCase(.page, .discovery, "protocol"),
            FaultCase(.page, .question, "protocol"),
            FaultCase(.page, .fetch, "protocol"),
            FaultCase(.empty, .discovery, "protocol"),
            FaultCase(.empty, .question, "protocol"),
            FaultCase(.empty, .fetch, "protocol"),
            FaultCase(.hugeHeaders, .discovery, "protocol"),
            FaultCase(.hugeHeaders, .question, "protocol"),
            FaultCase(.endless, .discovery, "protocol"),
            // Time may run out before the limit on the answer is reached.
            FaultCase(.endless, .question, "protocol", "unsupported", "timeout"),
        ]
    }

    /// Whether an event waits for the fault's whole time.
    var hangs: Bool { classes == ["timeout"] }
}
