import Basics
import CloudEvents
import Curl
import ServerTestSupport
import Synchronization

/// Reads the output of a run as `text/event-stream`, as a browser does.
struct EventStream {
    struct Event: Sendable, Equatable {
        var name = "message"
        var id: Int?
        var data: JSON = .null
    }

    let service: ServiceProcess
    let run: String
    private let client = HTTPClient()

    init(_ service: ServiceProcess, _ run: String) {
        self.service = service
        self.run = run
    }

    /// Reads until the server ends the stream, or `count` events have come.
    func read(after last: Int? = nil, count: Int = .max, onEvent: (@Sendable (Event) -> Void)? = nil) async throws -> [Event] {
        let state = Mutex((bytes: [UInt8](), events: [Event]()))
        var request = HTTPRequest(
            "GET",
            service.adminURL + "/api/v1/runs/\(run)/output",
            headers: ["Accept": "text/event-stream"]
        )
        if let last { request.headers.append("Last-Event-ID", "\(last)") }
        request.onBody = { bytes in
            let events = state.withLock { state -> [Event] in
                state.bytes += bytes
                let before = state.events.count
                while let end = state.bytes.firstRange(of: Array("\n\n".utf8)) {
                    if let event = Self.event(String(decoding: state.bytes[..<end.lowerBound], as: UTF8.self)) {
                        state.events.append(event)
                    }
                    state.bytes.removeSubrange(..<end.upperBound)
                }
                return Array(state.events[before...])
            }
            for event in events { onEvent?(event) }
            return state.withLock { $0.events.count < count }
        }
        do {
            let response = try await client.send(request, deadline: .after(.seconds(60)))
            guard response.isSuccess else { throw StreamRefused(status: response.status) }
        } catch let error as HTTPClientError where error.kind == .stopped {}
        return Array(state.withLock { $0.events }.prefix(count))
    }

    private static func event(_ text: String) -> Event? {
        var event = Event()
        var hasData = false
        for line in text.split(separator: "\n") {
            if let id = line.wholeMatch(of: /id: (\d+)/) { event.id = Int(id.1) }
            if let name = line.wholeMatch(of: /event: (\w+)/) { event.name = String(name.1) }
            guard let data = line.wholeMatch(of: /data: (.*)/) else { continue }
            hasData = true
            event.data = (try? JSON(parsing: Array(data.1.utf8))) ?? .null
        }
        return hasData ? event : nil
    }
}

/// An answer that is not the stream.
struct StreamRefused: Error, Equatable { let status: Int }
