import Basics
import CloudEvents
import Curl
import Logging
import ServerTestSupport
import Testing

@testable import Server

@Suite(.timeLimit(.minutes(3))) struct DeliveryTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

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
            backoff: Backoff(first: .milliseconds(1), cap: .milliseconds(5)),
            logger: logger
        )
    }

    @Test("What is sent arrives as it was, and refused posts are tried again", arguments: [408, 429, 500, 503])
    func retry(status: Int) async throws {
        let recorder = try await EventRecorder.start { $0 <= 2 ? status : 200 }
        let sent = event("a")
        #expect(await delivery(to: recorder.url).deliver(sent) == .delivered)
        #expect(recorder.posts == 3)
        #expect(recorder.events.map(\.raw) == [sent.raw])
    }

    @Test("A refusal for good is not tried again", arguments: [400, 401, 404, 413])
    func refused(status: Int) async throws {
        let recorder = try await EventRecorder.start { _ in status }
        let address = recorder.url.replacing("http://", with: "http://user:s3cret@")
        let fate = await delivery(to: address).deliver(event("a"))
        #expect(fate == .refused(reason: "\(recorder.url) (EVENTBROKER) refused it with \(status)"))
        #expect(recorder.posts == 1)
    }

    @Test("A receiver that is down is tried until the timeout")
    func down() async throws {
        let fate = await delivery(to: "http://127.0.0.1:1/", timeout: .milliseconds(50)).deliver(event("a"))
        guard case .refused(let reason) = fate else {
            Issue.record("\(fate)")
            return
        }
        #expect(reason.contains("127.0.0.1:1"))
    }

    @Test("Events of one context arrive in order, and no context waits for another one")
    func order() async throws {
        // The first post is refused: its context comes later, and all the same in order.
        let recorder = try await EventRecorder.start { $0 == 1 ? 503 : 200 }
        let outbox = Outbox(delivery: delivery(to: recorder.url), flushTimeout: .seconds(1), logger: logger)
        let running = Task { try await outbox.run() }
        for number in 0..<20 {
            for context in ["x", "y"] { outbox.append(event("\(context)\(number)", context: context)) }
        }
        let events = try await recorder.wait(for: 40)
        for context in ["x", "y"] {
            #expect(events.map(\.id).filter { $0.hasPrefix(context) } == (0..<20).map { "\(context)\($0)" })
        }
        running.cancel()
        try await running.value
    }

    @Test("Each event is sent once, also one that comes at the moment when the last one of its context has gone")
    func once() async throws {
        let delivery = Delivery(target: .none, client: HTTPClient(), timeout: .seconds(30), logger: logger)
        let outbox = Outbox(delivery: delivery, flushTimeout: .seconds(1), logger: logger)
        let running = Task { try await outbox.run() }
        let event = event("a")
        for _ in 0..<100_000 {
            outbox.append(event)
            // Sometimes the one before is still on its way.
            if outbox.depth > 1 { await Task.yield() }
        }
        while outbox.depth > 0 { try await Task.sleep(for: .milliseconds(1)) }
        running.cancel()
        try await running.value
        // One that goes twice counts twice.
        #expect(outbox.depth == 0)
    }
}
