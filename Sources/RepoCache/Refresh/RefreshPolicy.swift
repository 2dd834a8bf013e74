import Basics
import Git

/// Whether a repository is asked again after a question failed. Pure: the caller tells the time and acts.
///
/// What only a person can cure (credentials, certificates, host keys) is tried again when something of it changed, else after a
/// minute; a server that asks for a pause gets it; one that fails again and again is left alone for longer and longer.
struct RefreshPolicy: Sendable {
    /// A failure that stands: questions before `until` have it for an answer.
    struct Hold: Sendable {
        var error: GitError
        var until: ContinuousClock.Instant
        /// What the remote was reached with; something else lifts the hold. nil: the hold stands whatever changes.
        var access: AccessStamp?
    }

    private(set) var hold: Hold?
    private var failures = 0

    static let patience = Duration.seconds(60)
    /// How many refreshes in a row may fail before there is a pause.
    static let tolerance = 3
    static let pauses = Backoff(first: .seconds(1), cap: .seconds(30))
    /// The longest pause that a server can ask for.
    static let longestPause = Duration.seconds(300)

    /// Why the repository is not asked now; nil: ask.
    func refusal(_ access: AccessStamp, at now: ContinuousClock.Instant) -> GitError? {
        guard let hold, now < hold.until else { return nil }
        if let known = hold.access, known != access { return nil }
        let seconds = Int((hold.until - now).seconds.rounded(.up))
        let message = "\(hold.error.message) (not asked again for \(seconds) s)"
        return GitError(hold.error.failureClass, hold.error.operation, message)
    }

    mutating func succeeded() { self = RefreshPolicy() }

    /// - Parameter jitter: from 0 to 1, a part of the pause.
    mutating func failed(_ error: GitError, _ access: AccessStamp, at now: ContinuousClock.Instant, jitter: Double) {
        failures += 1
        switch error.failureClass {
        case .auth, .tls, .hostKey: hold = Hold(error: error, until: now + Self.patience, access: access)
        case .throttled:
            let asked = error.retryAfter ?? Self.pauses.ceiling(after: failures)
            hold = Hold(error: error, until: now + min(asked, Self.longestPause), access: nil)
        case .dns, .connect, .server, .timeout, .protocol, .corrupt:
            let extra = failures - Self.tolerance
            hold =
                extra > 0
                ? Hold(error: error, until: now + .seconds(Self.pauses.ceiling(after: extra).seconds * jitter), access: access)
                : nil
        case .notFound, .disk, .signature, .unsupported: hold = nil
        }
    }
}

extension RefreshPolicy {
    /// How often a question is tried within one refresh.
    static let attempts = 3
    private static let retries = Backoff(first: .milliseconds(250), cap: .seconds(4))

    /// How long to wait before the question is tried again; nil: it is not. Full jitter, and what the server asks for.
    static func pause(before attempt: Int, after error: GitError) -> Duration? {
        guard attempt <= attempts else { return nil }
        switch error.failureClass {
        case .dns, .connect, .server: return max(retries.delay(after: attempt - 1), error.retryAfter ?? .zero)
        case .throttled: return error.retryAfter.map { $0 + .milliseconds(250 * Double.random(in: 0...1)) }
        default: return nil
        }
    }
}

extension Duration {
    fileprivate static func milliseconds(_ count: Double) -> Duration { .seconds(count / 1_000) }
}
