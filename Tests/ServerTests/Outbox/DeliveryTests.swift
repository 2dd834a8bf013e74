import Basics
import CloudEvents
import Curl
import ServerTestSupport
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(3))) struct DeliveryTests {
    private func event(_ id: String, context: String = "c") -> CloudEvent {
        CloudEvent(
            id: id,
            source: "test",
            specVersion: .v1_0,
            type: "sh.keptn.event.test.finished",
            time: .now(),
            extensions: ["shkeptncontext": .string(context)],
            data: .json(["project": "p"])
        )
    }

    private func delivery(to url: String, timeout: Duration = .seconds(30)) -> Delivery {
        Delivery(
            target: .http(url),
            client: HTTPClient(),
            timeout: timeout,
            backoff: Backoff(first: .milliseconds(1), cap: .milliseconds(5))
        )
    }

    @Test("What is sent arrives as it was, and refused posts are tried again", arguments: [408, 429, 500, 503])
    func retry(status: Int) async throws {
        let recorder = try await EventRecorder.start { $0 <= 2 ? status : 200 }
        let sent = event("a")
        #expect(await delivery(to: recorder.url).deliver(sent) == nil)
        #expect(recorder.posts == 3)
        #expect(recorder.events.map(\.raw) == [sent.raw])
    }

    @Test("A refusal for good is not tried again", arguments: [400, 401, 404, 413])
    func refused(status: Int) async throws {
        let recorder = try await EventRecorder.start { _ in status }
        let address = recorder.url.replacing("http://", with: "http://user:s3cret@")
        let fate = await delivery(to: address).deliver(event("a"))
        #expect(fate == "\(recorder.url) (EVENTBROKER) refused it with \(status)")
        #expect(recorder.posts == 1)
    }

    @Test("A receiver that is down is tried until the timeout")
    func down() async throws {
        let fate = await delivery(to: "http://127.0.0.1:1/", timeout: .milliseconds(50)).deliver(event("a"))
        #expect(fate?.contains("127.0.0.1:1") == true)
    }
}
