import Basics
import CloudEvents
import Curl
import Logging

/// Sends one event to the receiver of answers, again and again until it is taken, refused for good, or too old.
struct Delivery: Sendable {
    private let target: DeliveryTarget
    private let client: HTTPClient
    private let timeout: Duration
    private let attemptTimeout: Duration
    private let backoff: Backoff
    private let observer: @Sendable (Fate, Duration) -> Void
    private let logger: Logger

    /// - Parameters:
    ///   - timeout: how long an event is tried.
    ///   - observer: is told of each event's fate, and how long that took.
    ///   - attemptTimeout: how long the receiver may take for one answer.
    init(
        target: DeliveryTarget,
        client: HTTPClient,
        timeout: Duration,
        attemptTimeout: Duration = .seconds(10),
        backoff: Backoff = Backoff(first: .milliseconds(500), cap: .seconds(60)),
        observer: @escaping @Sendable (Fate, Duration) -> Void = { _, _ in },
        logger: Logger
    ) {
        self.target = target
        self.client = client
        self.timeout = timeout
        self.attemptTimeout = attemptTimeout
        self.backoff = backoff
        self.observer = observer
        self.logger = logger
    }

    /// What became of an event.
    enum Fate: Hashable {
        case delivered
        /// The receiver will never take it, or did not until the timeout.
        case refused(reason: String)
        /// The task was cancelled before the event's fate was known.
        case abandoned
    }

    func deliver(_ event: CloudEvent) async -> Fate {
        let start = ContinuousClock.now
        let fate = await fate(of: event)
        observer(fate, .now - start)
        return fate
    }

    private func fate(of event: CloudEvent) async -> Fate {
        guard case .http(let url) = target else {
            logger.debug("event recorded, not sent", metadata: Self.metadata(of: event))
            return .delivered
        }
        let deadline = Deadline.after(timeout)
        var attempt = 1
        while let failure = await post(event, to: url) {
            if Task.isCancelled { return .abandoned }
            var metadata = Self.metadata(of: event)
            metadata["error"] = "\(failure.reason)"
            metadata["attempt"] = "\(attempt)"
            guard !failure.isFinal, !deadline.hasPassed else {
                logger.error("event could not be delivered", metadata: metadata)
                return .refused(reason: failure.reason)
            }
            logger.log(level: attempt == 1 ? .warning : .debug, "event will be sent again", metadata: metadata)
            do { try await Task.sleep(for: min(backoff.delay(after: attempt), deadline.remaining)) } catch { return .abandoned }
            attempt += 1
        }
        logger.debug("event delivered", metadata: Self.metadata(of: event))
        return .delivered
    }

    struct Failure: Hashable {
        let reason: String
        let isFinal: Bool
    }

    private func post(_ event: CloudEvent, to url: String) async -> Failure? {
        do {
            let request = HTTPRequest(
                "POST",
                url,
                headers: ["Content-Type": "application/cloudevents+json"],
                body: event.raw
            )
            return Self.failure(status: try await client.send(request, deadline: .after(attemptTimeout)).status, of: url)
        } catch {
            return Failure(reason: "\(error)", isFinal: false)
        }
    }

    /// What an answer's status means: taken, try again, or refused for good.
    private static func failure(status: Int, of url: String) -> Failure? {
        // Without user and password.
        let receiver = (try? HTTPURL(url)).map { "\($0) (EVENTBROKER)" } ?? "EVENTBROKER"
        return switch status {
        case 200..<300: nil
        case 408, 429, 500...: Failure(reason: "\(receiver) answered \(status)", isFinal: false)
        default: Failure(reason: "\(receiver) refused it with \(status)", isFinal: true)
        }
    }

    static func metadata(of event: CloudEvent) -> Logger.Metadata {
        [
            "event.id": "\(event.id)", "event.type": "\(event.type)",
            "keptn.context": "\(event.extensionText("shkeptncontext") ?? "")",
        ]
    }
}
