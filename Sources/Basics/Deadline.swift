/// A point in time after which nobody waits any longer.
public struct Deadline: Sendable, Hashable, Comparable {
    public let instant: ContinuousClock.Instant

    public init(_ instant: ContinuousClock.Instant) { self.instant = instant }

    /// The deadline that comes `duration` from now.
    public static func after(_ duration: Duration) -> Deadline { Deadline(.now + duration) }

    /// What is left, never less than zero.
    public var remaining: Duration { max(.zero, instant - .now) }

    public var hasPassed: Bool { instant <= .now }

    public static func < (left: Deadline, right: Deadline) -> Bool { left.instant < right.instant }
}

/// A wait came to its limit.
public struct DeadlineExceeded: Error, Hashable, CustomStringConvertible {
    public init() {}
    public var description: String { "the time limit was reached" }
}

/// Waits for `operation` until `deadline`, then cancels it and throws ``DeadlineExceeded``.
///
/// The operation must answer to cancellation: this function returns only after it has ended.
public func withDeadline<T: Sendable>(
    _ deadline: Deadline,
    _ operation: @escaping @Sendable () async throws -> T
) async throws -> T {
    try await withThrowingTaskGroup(of: T?.self) { group in
        group.addTask { try await operation() }
        group.addTask {
            try await AlarmClock.shared.sleep(until: deadline)
            return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let value = first else { throw DeadlineExceeded() }
        return value
    }
}

extension Duration {
    /// The duration as a floating-point number of seconds.
    public var seconds: Double {
        let (whole, attoseconds) = components
        return Double(whole) + Double(attoseconds) * 1e-18
    }
}
