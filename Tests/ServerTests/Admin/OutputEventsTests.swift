import Basics
import Curl
import Synchronization
import TestSupport
import Testing

@testable import Server

/// Streams of a run's output, over a real port.
@Suite(.timeLimit(.minutes(1))) struct OutputEventsTests {
    @Test("A stream of a run that waits shows signs of life, and is forgotten when its client goes")
    func pulse() async throws {
        let fixture = try StoreFixture()
        let run = try await fixture.add([.init()])[0]
        let watch = RunWatch()
        let runs = RunsResponder(
            store: fixture.store,
            outputs: RunOutputs(directory: fixture.directory.path + "/outputs", watch: watch),
            runs: RunsInHand(watch: watch),
            inbox: fixture.inbox(),
            watch: watch,
            pulse: .milliseconds(10)
        )
        let (ports, announce) = AsyncStream.makeStream(of: Int.self)
        let listener = Listener(
            host: "127.0.0.1",
            port: 0,
            settings: "",
            responder: AdminResponder(token: nil, cache: nil, runs: runs) { [] },
            logger: StoreFixture.quiet
        ) { announce.yield($0) }
        let server = Task { try await listener.run() }
        defer { server.cancel() }
        let port = try #require(await ports.first { _ in true })

        let text = Mutex("")
        var request = HTTPRequest(
            "GET",
            "http://127.0.0.1:\(port)/api/v1/runs/\(run)/output",
            headers: ["Accept": "text/event-stream"]
        )
        request.onBody = { bytes in
            text.withLock { text in
                text += String(decoding: bytes, as: UTF8.self)
                return text.count < 5 * ServerSentEvent.comment.count
            }
        }
        do throws(HTTPClientError) {
            _ = try await HTTPClient().send(request, deadline: .after(.seconds(30)))
            Issue.record("the stream has ended")
        } catch {
            #expect(error.kind == .stopped)
        }
        #expect(text.withLock { $0 }.hasPrefix(String(repeating: ServerSentEvent.comment, count: 5)))
        try await waitUntil { watch.count == 0 }
    }
}
