import Basics
import CloudEvents
import Curl

/// Sends events to the receiver of answers.
struct Delivery: Sendable {
    let target: DeliveryTarget
    let client: HTTPClient
    /// How long an event is tried.
    let timeout: Duration
    /// How long the receiver may take for one answer.
    var attemptTimeout = Duration.seconds(10)
    var backoff = Backoff(first: .milliseconds(500), cap: .seconds(60))

    private static let longestRetryAfter = 3_600

    /// Nothing waits longer for its next attempt.
    var longestWait: Duration { max(backoff.cap, .seconds(Self.longestRetryAfter)) }

    /// Tries once.
    ///
    /// - Parameter event: structured, as JSON.
    func attempt(_ event: [UInt8]) async -> DeliveryAttempt {
        guard case .http(let url) = target else { return .delivered }
        do {
            let request = HTTPRequest(
                "POST",
                url,
                headers: ["Content-Type": "application/cloudevents+json"],
                body: event
            )
            return Self.attempt(try await client.send(request, deadline: .after(attemptTimeout)), of: url)
        } catch {
            return .failed(reason: "\(error)", isConnected: false, retryAfter: nil)
        }
    }

    /// Sends one event, again and again until it is taken, refused for good, or too old, or the task is cancelled.
    ///
    /// - Returns: why it was not delivered; nil if it was.
    func deliver(_ event: CloudEvent) async -> String? {
        let deadline = Deadline.after(timeout)
        var attempts = 1
        while true {
            let attempt = await attempt(event.raw)
            guard case .failed(let reason, _, _) = attempt else { return attempt.reason }
            if deadline.hasPassed || Task.isCancelled { return reason }
            do { try await Task.sleep(for: min(backoff.delay(after: attempts), deadline.remaining)) } catch { return reason }
            attempts += 1
        }
    }

    /// What an answer's status means: taken, try again, or refused for good.
    private static func attempt(_ response: HTTPResponse, of url: String) -> DeliveryAttempt {
        // Without user and password.
        let receiver = (try? HTTPURL(url)).map { "\($0) (EVENTBROKER)" } ?? "EVENTBROKER"
        switch response.status {
        case 200..<300: return .delivered
        case 408, 429, 500...:
            let seconds = response.headers["Retry-After"].flatMap { Int($0) }.map { max(0, min($0, longestRetryAfter)) }
            return .failed(
                reason: "\(receiver) answered \(response.status)",
                isConnected: true,
                retryAfter: seconds.map { .seconds($0) }
            )
        default: return .refused(reason: "\(receiver) refused it with \(response.status)")
        }
    }
}
