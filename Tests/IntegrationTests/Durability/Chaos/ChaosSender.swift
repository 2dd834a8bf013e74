import Basics
import CloudEvents
import Curl
import Synchronization

/// Posts numbered events over 16 connections, each again and again until it is answered 2xx, as a sender does that must lose nothing.
final class ChaosSender: Sendable {
    private struct State {
        var port: Int?
        var count = 0
        var runs: [String: Set<String>] = [:]
        var delays = 0
        var refusals: Set<String> = []
    }

    private static let connections = 16

    private let client = HTTPClient(connectionsPerHost: connections)
    private let state = Mutex(State())
    private let numbers: AsyncStream<Int>
    private let continuation: AsyncStream<Int>.Continuation

    init() { (numbers, continuation) = AsyncStream.makeStream() }

    /// The runs that were named for each event that was accepted.
    var runs: [String: Set<String>] { state.withLock { $0.runs } }
    /// How often an event was answered 503.
    var delays: Int { state.withLock { $0.delays } }
    /// What nobody should be answered.
    var refusals: [String] { state.withLock { $0.refusals.sorted() } }

    /// Where the service listens now; nil: nowhere.
    func follow(_ port: Int?) { state.withLock { $0.port = port } }

    /// Lets it post so many events more.
    func allow(_ count: Int) {
        let range = state.withLock { state in
            defer { state.count += count }
            return state.count..<state.count + count
        }
        for number in range { continuation.yield(number) }
    }

    /// ``send()`` ends once all that was allowed is accepted.
    func finish() { continuation.finish() }

    func send() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var count = 0
            for await number in numbers {
                count += 1
                if count > Self.connections { try await group.next() }
                group.addTask { try await self.post(ChaosEvent(number: number)) }
            }
            try await group.waitForAll()
        }
    }

    private func post(_ event: ChaosEvent) async throws {
        let body = event.json.serialized()
        while true {
            if let port = state.withLock({ $0.port }), let response = await answer(port, body), take(response, of: event) {
                return
            }
            try await Task.sleep(for: .milliseconds(.random(in: 5...25)))
        }
    }

    private func answer(_ port: Int, _ body: [UInt8]) async -> HTTPResponse? {
        let request = HTTPRequest(
            "POST",
            "http://127.0.0.1:\(port)/",
            headers: ["Content-Type": "application/cloudevents+json"],
            body: body
        )
        return try? await client.send(request, deadline: .after(.seconds(30)))
    }

    /// - Returns: whether the event was accepted.
    private func take(_ response: HTTPResponse, of event: ChaosEvent) -> Bool {
        let text = String(decoding: response.body, as: UTF8.self)
        return state.withLock { state in
            if (200..<300).contains(response.status), let run = (try? JSON(parsing: response.body))?["run"]?.string {
                state.runs[event.id, default: []].insert(run)
                return true
            }
            if response.status == 503 {
                state.delays += 1
            } else {
                state.refusals.insert("an event was answered \(response.status) \(text)")
            }
            return false
        }
    }
}
