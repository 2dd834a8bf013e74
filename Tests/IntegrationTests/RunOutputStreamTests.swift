import Basics
import CloudEvents
import Curl
import ServerTestSupport
import Synchronization
import TestSupport
import Testing

/// The output of a run as it comes, from the built program.
@Suite(.timeLimit(.minutes(3))) struct RunOutputStreamTests {
    private static let count = 300
    /// Prints in pieces and bursts; the event `held` waits for a file first.
    private static let script = """
        if [[ $ID == held* ]]; then echo waiting >&2; until [[ -e $ENV_GATE ]]; do sleep 0.02; done; fi
        for ((number = 0; number < \(count); number++)); do
            echo "line $number"
            ((number % 7)) || sleep 0.02
        done
        """
    private static let text = (0..<count).map { "line \($0)\n" }.joined()

    private let fixture: ProjectFixture

    init() async throws {
        fixture = try await ProjectFixture()
        try await fixture.commit(["genericexecutor/test.triggered.sh": .file(Array(Self.script.utf8))])
    }

    private var gate: String { fixture.directory.path + "/gate" }

    private func start(_ settings: [String: String] = [:]) async throws -> ServiceProcess {
        try await fixture.start(["GATE": gate].merging(settings) { _, new in new })
    }

    private func post(_ id: String, to service: ServiceProcess) async throws -> String {
        let response = try await service.post(KeptnEvent.v08("sh.keptn.event.test.triggered", id: id, context: id))
        return try #require(try JSON(parsing: response.body)["run"]?.string)
    }

    private func text(_ events: [EventStream.Event]) -> String {
        events.filter { $0.name == "message" }.map { $0.data["text"]?.string ?? "" }.joined()
    }

    private func isWhole(_ events: [EventStream.Event]) -> Bool {
        let ids = events.compactMap(\.id)
        return text(events) == Self.text && ids == ids.sorted() && Set(ids).count == ids.count
    }

    @Test("A client that comes again and again, with the last id it has, gets every line once", arguments: [1, 3, 20])
    func resumed(size: Int) async throws {
        let service = try await start()
        let stream = EventStream(service, try await post("a", to: service))
        var events: [EventStream.Event] = []
        while events.last?.name != "end" {
            // An end has the id of what came before it.
            events += try await stream.read(after: events.last?.id, count: size)
        }
        let end = events.removeLast()
        #expect(end.data == ["state": "finished", "result": "pass"])
        #expect(isWhole(events), "\(events.count) events: \(text(events))")
        // From the file, as a whole and from within.
        let later = try await stream.read()
        #expect(isWhole(Array(later.dropLast())) && later.last?.name == "end")
        let middle = events[events.count / 2]
        let rest = try await stream.read(after: middle.id)
        let known = text(events.filter { ($0.id ?? 0) <= middle.id ?? 0 })
        #expect(known + text(rest) == Self.text)
        #expect(try await service.stop() == 0)
    }

    /// Of events that come one after the other any may have a slot first, so the first has to have it.
    private func postAndBegin(_ id: String, to service: ServiceProcess) async throws -> String {
        let run = try await post(id, to: service)
        try await waitUntil {
            try JSON(parsing: try await service.admin("GET", "/api/v1/runs/\(run)").body)["state"] == "running"
        }
        return run
    }

    @Test("A run that waits is followed from its beginning, by several at once")
    func waiting() async throws {
        let service = try await start(["SCRIPT_CONCURRENCY": "1"])
        let first = try await postAndBegin("held", to: service)
        let run = try await post("b", to: service)
        let streams = (0..<3).map { _ in Task { try await EventStream(service, run).read() } }
        try await fixture.keptn.wait(for: 2)
        #expect(try JSON(parsing: try await service.admin("GET", "/api/v1/runs/\(run)").body)["state"] == "started")
        try Files.write([], to: gate)
        for stream in streams {
            let events = try await stream.value
            #expect(isWhole(Array(events.dropLast())) && events.last?.data["state"] == "finished")
        }
        #expect(try await EventStream(service, first).read().last?.data["result"] == "pass")
        #expect(try await service.stop() == 0)
    }

    @Test("A stream ends with the service; where the run goes on at the next start, it has no end")
    func shutdown() async throws {
        let service = try await start(["SCRIPT_CONCURRENCY": "1", "SHUTDOWN_TIMEOUT": "1s", "SCRIPT_GRACE": "1s"])
        let running = try await postAndBegin("held", to: service)
        let waiting = try await post("b", to: service)
        try await fixture.keptn.wait(for: 2)
        let (first, isOpen) = AsyncStream.makeStream(of: Void.self)
        let streams = [running, waiting].map { run in
            Task { try await EventStream(service, run).read { _ in isOpen.yield() } }
        }
        for await _ in first { break }
        #expect(try await service.stop() == 0)
        #expect(try await streams[0].value.last?.name == "end")
        #expect(try await streams[1].value.isEmpty)
    }

    @Test("What is no id of an event is refused, and an unknown run is not found")
    func refused() async throws {
        let service = try await start()
        let run = try await post("a", to: service)
        for text in ["x", "-1", ""] {
            let request = HTTPRequest(
                "GET",
                service.adminURL + "/api/v1/runs/\(run)/output",
                headers: ["Accept": "text/event-stream", "Last-Event-ID": text]
            )
            let response = try await HTTPClient().send(request, deadline: .after(.seconds(20)))
            #expect(response.status == 400, "\(text)")
        }
        await #expect(throws: StreamRefused(status: 404)) { try await EventStream(service, "none").read() }
        #expect(try await service.stop() == 0)
    }
}
