import Basics
import Curl
import Glibc
import TestSupport
import Testing

/// Each class of failure, against servers that fail in that way.
@Suite(.timeLimit(.minutes(3))) struct FailureTests {
    let client = HTTPClient()
    let server: PythonServer

    init() throws { server = try TestServer.plain.get() }

    private func send(_ request: HTTPRequest, within limit: Duration = .seconds(50)) async throws -> HTTPResponse {
        var request = request
        request.proxy = .none
        return try await client.send(request, deadline: .after(limit))
    }

    @Test(
        "What a server can do wrong",
        arguments: [
            ("/empty", HTTPClientError.Kind.incomplete), ("/garbage", .protocol), ("/partial", .incomplete),
            ("/headers", .tooLarge),
        ]
    )
    func brokenAnswers(path: String, kind: HTTPClientError.Kind) async throws {
        await expectError(kind) { try await send(HTTPRequest("GET", server.url(path))) }
    }

    @Test func anUnknownHostIsADNSFailure() async throws {
        let error = await expectError(.dns) {
            try await send(HTTPRequest("GET", "http://does-not-exist.invalid/path?token=s3cret"))
        }
        #expect(error?.description.hasPrefix("GET http://does-not-exist.invalid/path failed: ") == true)
    }

    @Test func aClosedPortIsAConnectFailure() async throws {
        let error = await expectError(.connect) { try await send(HTTPRequest("GET", "http://127.0.0.1:\(freePort())/")) }
        #expect(error?.description.contains("127.0.0.1") == true)
    }

    @Test("A server that is silent or slow is left at the deadline", arguments: ["/silent", "/drip", "/slowheaders"])
    func deadline(path: String) async throws {
        await expectError(.timeout) { try await send(HTTPRequest("GET", server.url(path)), within: .milliseconds(300)) }
    }

    @Test func aDeadlineThatHasPassedSendsNothing() async throws {
        await expectError(.timeout) { try await send(HTTPRequest("GET", server.url("/never")), within: .zero) }
        #expect(try await seen("/never") == 0)
    }

    @Test func aTransferSlowerThanAllowedEnds() async throws {
        var request = HTTPRequest("GET", server.url("/drip"))
        request.lowSpeedLimit = .init(bytesPerSecond: 100_000, duration: .seconds(1))
        await expectError(.timeout) { try await send(request) }
    }

    @Test func theDeadlineCountsWhileWaitingForAConnection() async throws {
        let client = HTTPClient(connectionsPerHost: 1)
        let url = server.url("/silent/first")
        let first = Task { try await client.send(HTTPRequest("GET", url), deadline: .after(.seconds(40))) }
        while try await seen("/silent/first") == 0 { await Task.yield() }
        await expectError(.timeout) {
            try await client.send(HTTPRequest("GET", server.url("/echo")), deadline: .after(.milliseconds(200)))
        }
        first.cancel()
        await expectError(.cancelled) { try await first.value }
    }

    @Test func cancellationEndsTheTransfer() async throws {
        let url = server.url("/silent/cancelled")
        let task = Task { [client] in try await client.send(HTTPRequest("GET", url), deadline: .after(.seconds(300))) }
        while try await seen("/silent/cancelled") == 0 { await Task.yield() }
        task.cancel()
        await expectError(.cancelled) { try await task.value }
    }

    @Test func aCancelledTaskSendsNothingAndReturns() async throws {
        let url = server.url("/silent/early")
        let task = Task { [client] in
            withUnsafeCurrentTask { $0?.cancel() }
            return try await client.send(HTTPRequest("GET", url), deadline: .after(.seconds(300)))
        }
        await expectError(.cancelled) { try await task.value }
    }

    @Test(
        "What cannot be sent is refused, and the secret in it is not shown",
        arguments: [
            HTTPRequest("GET", "http://127.0.0.1/\r\nX: s3cret"), HTTPRequest("GET", "http://127.0.0.1/a\0s3cret"),
            HTTPRequest("GET", "http://me:s3cret@/"), HTTPRequest("GET", "s3cret"), HTTPRequest("GET", ""),
            HTTPRequest("GET", "http://127.0.0.1:99999/s3cret"), HTTPRequest("GET", "file:///etc/s3cret"),
            HTTPRequest("GET", "ftp://me:s3cret@127.0.0.1/"), HTTPRequest("GET", "gopher://127.0.0.1/s3cret"),
        ]
    )
    func invalidURLs(request: HTTPRequest) async throws {
        let error = await expectError(.invalidURL) { try await send(request) }
        #expect(error?.description.contains("s3cret") == false)
    }

    @Test(
        "Nothing in a header or a method can end a line",
        arguments: [
            HTTPRequest("GET", "http://127.0.0.1/", headers: ["X": "a\r\nY: s3cret"]),
            HTTPRequest("GET", "http://127.0.0.1/", headers: ["X": "a\ns3cret"]),
            HTTPRequest("GET", "http://127.0.0.1/", headers: ["X": "a\0s3cret"]),
            HTTPRequest("GET", "http://127.0.0.1/", headers: ["s3cret\r\nX": "a"]),
            HTTPRequest("GET", "http://127.0.0.1/", headers: ["s3cret X": "a"]),
            HTTPRequest("GET", "http://127.0.0.1/", headers: ["": "s3cret"]),
            HTTPRequest("GET / HTTP/1.1\r\nX: s3cret", "http://127.0.0.1/"),
            HTTPRequest("", "http://127.0.0.1/"),
            HTTPRequest("GET", "http://127.0.0.1/", credentials: BasicCredentials(user: "a:b", password: "s3cret")),
            HTTPRequest("GET", "http://127.0.0.1/", credentials: BasicCredentials(user: "a", password: "s3cret\0")),
        ]
    )
    func invalidRequests(request: HTTPRequest) async throws {
        let error = await expectError(.invalidRequest) { try await send(request) }
        #expect(error?.description.contains("s3cret") == false)
    }

    @Test func failuresShowNeitherCredentialsNorQuery() async throws {
        let url = "http://me:s3cret@127.0.0.1:\(freePort())/path?token=s3cret#s3cret"
        let error = await expectError(.connect) { try await send(HTTPRequest("GET", url)) }
        let shown = "\(String(describing: error)) \(String(reflecting: BasicCredentials(user: "u", password: "s3cret")))"
        #expect(!shown.contains("s3cret"))
    }

    @Test(
        "A proxy that cannot be used shows no password",
        arguments: ["foo://me:s3cret@h", "http://me:s3cret@[", "http://me:s3cret@:x"]
    )
    func proxies(url: String) async throws {
        var request = HTTPRequest("GET", server.url("/"))
        request.proxy = .url(url)
        let refused = request
        let error = await expectError(.proxy) { try await client.send(refused, deadline: .after(.seconds(50))) }
        #expect(error?.description.contains("s3cret") == false)
    }

    private func seen(_ path: String) async throws -> Int {
        let response = try await send(HTTPRequest("GET", server.url("/seen?path=\(path)")))
        return try #require(Int(String(decoding: response.body, as: UTF8.self)))
    }

    /// A port that nobody listens on: the system gave it and took it back.
    private func freePort() -> Int {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                guard bind(socket, pointer, length) == 0, getsockname(socket, pointer, &length) == 0 else { return 1 }
                return Int(UInt16(bigEndian: UnsafeRawPointer(pointer).loadUnaligned(as: sockaddr_in.self).sin_port))
            }
        }
    }
}
