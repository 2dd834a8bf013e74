import Basics
import Curl
import TestSupport
import Testing

/// What a request looks like to the server, and what an answer looks like to us.
@Suite(.timeLimit(.minutes(3))) struct HTTPClientTests {
    let client = HTTPClient()
    let server: PythonServer

    init() throws { server = try TestServer.plain.get() }

    private func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        var request = request
        request.proxy = .none
        return try await client.send(request, deadline: .after(.seconds(50)))
    }

    private func echo(_ request: HTTPRequest) async throws -> String {
        String(decoding: try await send(request).body, as: UTF8.self)
    }

    @Test("Any method, with and without a body", arguments: ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"])
    func methods(method: String) async throws {
        let url = server.url("/echo?a=1")
        #expect(try await echo(HTTPRequest(method, url)).hasPrefix("\(method) /echo?a=1\n"))
        let text = try await echo(HTTPRequest(method, url, body: Array("hello\0there".utf8)))
        #expect(text.hasPrefix("\(method) /echo?a=1\n"))
        #expect(text.hasSuffix("\n\nhello\0there"))
        #expect(text.contains("Content-Length: 11\n"))
    }

    @Test func headGetsHeadersAndNoBody() async throws {
        let response = try await send(HTTPRequest("HEAD", server.url("/big?n=1000"), body: Array("left out".utf8)))
        #expect(response.status == 200)
        #expect(response.headers["content-length"] == "1000")
        #expect(response.body.isEmpty)
    }

    @Test func headersKeepOrderAndDuplicates() async throws {
        let headers: HTTPHeaders = ["X-B": "1", "X-A": "a:b  c", "X-B": "2", "X-Empty": "", "X-Blank": "  padded\t"]
        let text = try await echo(HTTPRequest("GET", server.url("/echo"), headers: headers))
        #expect(text.contains("X-B: 1\nX-A: a:b  c\nX-B: 2\nX-Empty: \nX-Blank: padded\n"))
        #expect(text.contains("User-Agent: generic-executor-service\n"))
    }

    @Test func nothingIsSentThatWasNotAskedFor() async throws {
        let text = try await echo(HTTPRequest("POST", server.url("/echo"), body: Array(repeating: 65, count: 2_000_000)))
        for name in ["Expect", "Content-Type", "Transfer-Encoding", "Authorization", "Cookie", "Accept-Encoding"] {
            #expect(!text.contains("\n\(name):"))
        }
    }

    @Test func framingHeadersOfTheCallerAreLeftOut() async throws {
        let headers: HTTPHeaders = ["content-length": "3", "Transfer-Encoding": "chunked", "Expect": "100-continue"]
        let text = try await echo(HTTPRequest("POST", server.url("/echo"), headers: headers, body: Array("12345".utf8)))
        #expect(text.contains("Content-Length: 5\n"))
        #expect(!text.contains("chunked"))
        #expect(!text.contains("100-continue"))
    }

    @Test func theCallersUserAgentWins() async throws {
        let text = try await echo(HTTPRequest("GET", server.url("/echo"), headers: ["user-agent": "mine"]))
        #expect(text.contains("User-Agent: mine\n") || text.contains("user-agent: mine\n"))
        #expect(!text.contains("generic-executor-service"))
    }

    @Test("Basic credentials, given or in the URL; those given win", arguments: [true, false])
    func credentials(inURL: Bool) async throws {
        var request = HTTPRequest("GET", "http://me:p%40ss@127.0.0.1:\(server.port)/echo")
        if !inURL { request.credentials = BasicCredentials(user: "other", password: "s3cret") }
        let response = try await send(request)
        let expected = inURL ? "bWU6cEBzcw==" : "b3RoZXI6czNjcmV0"
        #expect(String(decoding: response.body, as: UTF8.self).contains("Authorization: Basic \(expected)\n"))
        #expect(response.url.text == server.url("/echo"))
    }

    @Test func theAnswerIsGivenInFull() async throws {
        let response = try await send(HTTPRequest("GET", server.url("/echo?status=418")))
        #expect(response.status == 418)
        #expect(!response.isSuccess)
        #expect(response.headers.values(of: "X-TWICE") == ["1", "2"])
        #expect(response.headers["x-twice"] == "1")
        #expect(response.redirects == 0)
        #expect(response.duration > .zero)
    }

    @Test func anInterimAnswerIsNotTheAnswer() async throws {
        let response = try await send(HTTPRequest("GET", server.url("/hints")))
        #expect(response.status == 200)
        #expect(response.headers["Link"] == nil)
        #expect(response.body == Array("late".utf8))
    }

    @Test func compressionIsUndoneOnRequest() async throws {
        var request = HTTPRequest("GET", server.url("/gzip"))
        #expect(try await send(request).body.count < 1000)
        request.decompresses = true
        #expect(try await send(request).body == Array(repeating: UInt8(ascii: "a"), count: 100_000))
        request.bodyLimit = 50_000
        await expectError(.tooLarge) { try await send(request) }
    }

    @Test func spacesAndOtherLettersAreEncodedOnce() async throws {
        let text = try await echo(HTTPRequest("GET", server.url("/echo/a b/%C3%A9/é?x=ü%20y")))
        #expect(text.hasPrefix("GET /echo/a%20b/%C3%A9/%c3%a9?x=%c3%bc%20y\n"))
    }

    @Test func theBodyLimitCutsOrFails() async throws {
        var request = HTTPRequest("GET", server.url("/big?n=100000"))
        request.bodyLimit = 100_000
        #expect(try await send(request).isCut == false)
        request.bodyLimit = 99_999
        await expectError(.tooLarge) { try await send(request) }
        request.overflow = .cut
        let response = try await send(request)
        #expect(response.isCut)
        #expect(response.body.count == 99_999)
    }

    @Test func theBodyLimitCountsWhatDecompressionMakes() async throws {
        var request = HTTPRequest("GET", server.url("/bomb"))
        request.decompresses = true
        request.bodyLimit = 1 << 20
        request.overflow = .cut
        let response = try await send(request)
        #expect(response.isCut)
        #expect(response.body.count == 1 << 20)
    }

    @Test func aReceiverTakesTheBodyOfASuccessOnly() async throws {
        let collector = Collector()
        var request = HTTPRequest("GET", server.url("/big?n=200000"))
        request.onBody = { collector.append($0) }
        #expect(try await send(request).body.isEmpty)
        #expect(collector.count == 200_000)
        request.url = server.url("/nowhere")
        #expect(try await send(request).body == Array("nothing here".utf8))
        #expect(collector.count == 200_000)
    }

    @Test func aReceiverMayEndTheTransfer() async throws {
        var request = HTTPRequest("GET", server.url("/drip"))
        request.onBody = { _ in false }
        await expectError(.stopped) { try await send(request) }
    }

    @Test func aProxyIsUsed() async throws {
        var request = HTTPRequest("GET", "http://does-not-exist.invalid/thing")
        request.proxy = .url(server.url("/"))
        let response = try await client.send(request, deadline: .after(.seconds(50)))
        #expect(String(decoding: response.body, as: UTF8.self).hasPrefix("GET http://does-not-exist.invalid/thing\n"))
        request.url = "https://does-not-exist.invalid/thing"
        let refused = request
        await expectError(.proxy) { try await client.send(refused, deadline: .after(.seconds(50))) }
    }
}
