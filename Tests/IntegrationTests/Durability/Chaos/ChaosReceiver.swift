import CloudEvents
import ServerTestSupport
import Synchronization

/// A receiver of answers that refuses some of them at any time, and all of them for a while.
final class ChaosReceiver: Sendable {
    private let isRefusing: Refusal
    private let recorder: EventRecorder
    private let closed: ClosedPort

    private final class Refusal: Sendable { let isOn = Atomic(false) }

    init() async throws {
        let refusal = Refusal()
        isRefusing = refusal
        recorder = try await EventRecorder.start { number in
            refusal.isOn.load(ordering: .relaxed) || number % 17 == 0 ? 503 : 200
        }
        closed = try ClosedPort()
    }

    /// What came and was not refused, in order.
    var events: [CloudEvent] { recorder.events }

    /// - Returns: where a service is to send its answers that shall find it like this.
    func become(_ state: ChaosRound.Receiver) -> String {
        isRefusing.isOn.store(state == .refusing, ordering: .relaxed)
        return state == .down ? "http://127.0.0.1:\(closed.port)/event" : recorder.url
    }
}
