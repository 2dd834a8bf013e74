import Basics
import Curl
import TestSupport
import Testing

/// Connections, threads and descriptors: kept as long as they are of use, no longer.
@Suite(.timeLimit(.minutes(3))) struct ConnectionTests {
    private func text(_ client: HTTPClient, _ url: String) async throws -> String {
        var request = HTTPRequest("GET", url)
        request.proxy = .none
        return String(decoding: try await client.send(request, deadline: .after(.seconds(50))).body, as: UTF8.self)
    }

    @Test func connectionsAreKeptAndUsedAgain() async throws {
        let server = try TestServer.plain.get()
        let client = HTTPClient()
        var connections: Set<String> = []
        for _ in 0..<10 { connections.insert(try await text(client, server.url("/connection"))) }
        #expect(connections.count == 1)
    }

    @Test("100 requests wait at once, and all are answered") func concurrency() async throws {
        let server = try TestServer.start()
        let client = HTTPClient(connectionsPerHost: 200)
        let answers = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<100 { group.addTask { try await text(client, server.url("/barrier?name=all&n=100")) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers == Array(repeating: "all here", count: 100))
    }

    @Test func requestsBeyondTheConnectionsOfAHostWaitTheirTurn() async throws {
        let server = try TestServer.start()
        let client = HTTPClient(connectionsPerHost: 2)
        let connections = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 { group.addTask { try await text(client, server.url("/connection")) } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect((1...2).contains(connections.count))
    }

    @Test func aSlowServerDelaysNobodyElse() async throws {
        let server = try TestServer.plain.get()
        let client = HTTPClient()
        let slow = (0..<20).map { index in Task { try await text(client, server.url("/silent/\(index)")) } }
        for _ in 0..<20 { #expect(try await text(client, server.url("/connection")).isEmpty == false) }
        for task in slow { task.cancel() }
        for task in slow { await expectError(.cancelled) { try await task.value } }
    }

    @Test func requestsCancelledAtAnyMomentEndOnce() async throws {
        let server = try TestServer.plain.get()
        let client = HTTPClient(connectionsPerHost: 4)
        var answered = 0
        for round in 0..<200 {
            let task = Task { try await text(client, server.url("/connection")) }
            for _ in 0..<round { await Task.yield() }
            task.cancel()
            switch await task.result {
            case .success: answered += 1
            case .failure(let error): #expect((error as? HTTPClientError)?.kind == .cancelled)
            }
        }
        #expect(try await text(client, server.url("/connection")).isEmpty == false, "\(answered) of 200 were answered")
    }

    @Test func aClientThatIsGoneLeavesNoDescriptorsAndNoThread() async {
        // In a process of its own: other tests open descriptors and start threads at the same time.
        await #expect(processExitsWith: .success) {
            let server = try TestServer.start()
            func ask() async throws {
                var request = HTTPRequest("GET", server.url("/connection"))
                request.proxy = .none
                _ = try await HTTPClient().send(request, deadline: .after(.seconds(50)))
            }
            func threads() throws -> Int {
                let names = try Files.list("/proc/self/task").map { try? Files.read("/proc/self/task/\($0)/comm") }
                return names.count { $0.map { String(decoding: $0, as: UTF8.self) } == "curl\n" }
            }
            /// A client's thread ends a little later than the client.
            func settle() async throws -> Int {
                let deadline = Deadline.after(.seconds(20))
                while try threads() > 0, !deadline.hasPassed { try await Task.sleep(for: .milliseconds(1)) }
                #expect(try threads() == 0)
                return try Files.list("/proc/self/fd").count
            }
            try await ask()
            let before = try await settle()
            for _ in 0..<50 { try await ask() }
            // Each client had three at least; the runtime opens one or two of its own when it first needs them.
            let after = try await settle()
            #expect(after < before + 10)
        }
    }
}
