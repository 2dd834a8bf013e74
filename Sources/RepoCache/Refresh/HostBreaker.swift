import Basics
import Git
import Synchronization

/// Whether a host is worth a connection, from how the last ones went. Pure: the caller tells the time.
///
/// closed -> open (so many failures to connect in a row) -> half open (time has passed: one may try) -> closed or open again.
/// Only failures to connect count: what a server answers is each repository's own affair.
struct HostBreaker: Sendable, Hashable {
    private enum Phase: Sendable, Hashable {
        case closed
        case open(until: ContinuousClock.Instant)
        /// Somebody tries; others wait for how it goes, but not for ever.
        case halfOpen(until: ContinuousClock.Instant)
    }

    static let tolerance = 5
    static let pauses = Backoff(first: .seconds(1), cap: .seconds(30))
    /// The longest that one try may keep the others away.
    static let trial = Duration.seconds(15)

    private var phase = Phase.closed
    private var failures = 0

    /// Whether a connection may be tried now.
    mutating func admits(at now: ContinuousClock.Instant) -> Bool {
        switch phase {
        case .closed: return true
        case .open(let until), .halfOpen(let until):
            guard now >= until else { return false }
            phase = .halfOpen(until: now + Self.trial)
            return true
        }
    }

    mutating func reached() { self = HostBreaker() }

    /// - Parameter jitter: from 0 to 1, a part of the pause.
    mutating func failed(at now: ContinuousClock.Instant, jitter: Double) {
        failures += 1
        guard failures >= Self.tolerance else { return }
        let pause = Self.pauses.ceiling(after: failures - Self.tolerance + 1)
        phase = .open(until: now + .seconds(pause.seconds * (0.5 + jitter / 2)))
    }
}

/// The breakers of all hosts that the cache talks to.
final class HostBreakers: Sendable {
    private let breakers = Mutex<[String: HostBreaker]>([:])

    /// Whether a connection may be tried now; whoever is admitted must ``note(_:of:)`` how it went.
    func admit(_ host: String) -> Bool { breakers.withLock { $0[host]?.admits(at: .now) ?? true } }

    static func refusal(of host: String, operation: String) -> GitError {
        GitError(.connect, operation, "\(host) could not be reached several times; it is tried again within half a minute")
    }

    /// Notes how a connection went; `nil`: it was made, whatever was said over it.
    func note(_ error: GitError?, of host: String) {
        breakers.withLock { breakers in
            switch error?.failureClass {
            case .dns, .connect: breakers[host, default: HostBreaker()].failed(at: .now, jitter: .random(in: 0...1))
            // Nobody knows whether there was a connection.
            case .timeout: break
            default: breakers[host] = nil
            }
        }
    }
}
