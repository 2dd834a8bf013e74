import Basics
import TestSupport
import Testing

@testable import Curl

@Suite(.timeLimit(.minutes(3))) struct RedirectTests {
    let client = HTTPClient()
    let server: PythonServer

    init() throws { server = try TestServer.plain.get() }

    private func send(_ request: HTTPRequest) async throws -> (response: HTTPResponse, text: String) {
        var request = request
        request.proxy = .none
        let response = try await client.send(request, deadline: .after(.seconds(50)))
        return (response, String(decoding: response.body, as: UTF8.self))
    }

    private func request(_ method: String = "GET", to location: String, status: Int = 302) -> HTTPRequest {
        let location = location.replacing("%", with: "%25").replacing("&", with: "%26").replacing("#", with: "%23")
        var request = HTTPRequest(method, server.url("/redirect?status=\(status)&to=\(location)"))
        request.maximumRedirects = 10
        return request
    }

    @Test func aRedirectIsTheAnswerUnlessAskedToFollow() async throws {
        var request = request(to: "/echo")
        request.maximumRedirects = 0
        let (response, text) = try await send(request)
        #expect(response.status == 302)
        #expect(text == "moved")
    }

    @Test(
        "Method and body after a redirect, as every client does it",
        arguments: [
            ("POST", 301, "GET"), ("POST", 302, "GET"), ("POST", 303, "GET"), ("POST", 307, "POST"), ("POST", 308, "POST"),
            ("PUT", 301, "PUT"), ("PUT", 303, "GET"), ("GET", 302, "GET"), ("DELETE", 302, "DELETE"),
        ]
    )
    func methods(method: String, status: Int, expected: String) async throws {
        var request = request(method, to: "/echo", status: status)
        request.body = Array("payload".utf8)
        request.headers = ["Content-Type": "text/x-test"]
        let (response, text) = try await send(request)
        #expect(text.hasPrefix("\(expected) /echo\n"))
        let keepsBody = method == expected
        #expect(text.hasSuffix("payload") == keepsBody)
        #expect(text.contains("text/x-test") == keepsBody)
        #expect(response.redirects == 1)
        #expect(response.url.text == server.url("/echo"))
    }

    @Test func theSameHostGetsHeadersAndCredentialsAgain() async throws {
        var request = request(to: "/echo")
        request.headers = ["X-Token": "t0ken"]
        request.credentials = BasicCredentials(user: "me", password: "s3cret")
        let (_, text) = try await send(request)
        #expect(text.contains("X-Token: t0ken\n"))
        #expect(text.contains("Authorization: Basic "))
    }

    @Test("Another host, or another port, gets no secrets", arguments: [true, false])
    func otherHost(onOtherPort: Bool) async throws {
        let other = try TestServer.start()
        let target = onOtherPort ? other.url("/echo") : server.url("/echo", host: "localhost")
        var request = request(to: target)
        request.headers = [
            "Authorization": "Bearer s3cret", "cookie": "s3cret", "x-token": "s3cret", "X-Api-Key": "s3cret", "X-Plain": "stays",
            "X-Session-Id": "s3cret", "X-Vault-Credential": "s3cret", "X-Hub-Signature-256": "s3cret",
            "Cf-Access-Jwt-Assertion": "s3cret",
            "X-Bearer": "s3cret", "X-Ticket": "s3cret", "X-Passphrase": "s3cret", "X-Passwd": "s3cret",
        ]
        request.url = request.url.replacing("http://", with: "http://me:s3cret@")
        let (_, text) = try await send(request)
        #expect(text.contains("X-Plain: stays"))
        #expect(!text.contains("s3cret"))
        #expect(!text.contains("Authorization"))
    }

    @Test func anotherServerIsRefusedIfTheRequestStaysOnItsHost() async throws {
        var request = request(to: "http://localhost:\(server.port)/echo")
        request.staysOnHost = true
        let refused = request
        await expectError(.redirect) { try await send(refused) }
        request.url = self.request(to: "/echo").url
        #expect(try await send(request).response.status == 200)
    }

    @Test(
        "Places that are never gone to",
        arguments: ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "http://"]
    )
    func otherSchemes(location: String) async throws {
        await expectError(.redirect) { try await send(request(to: location)) }
    }

    @Test func aLoopEnds() async throws {
        var request = HTTPRequest("GET", server.url("/redirect?loop=1"))
        request.maximumRedirects = 10
        let endless = request
        let error = await expectError(.redirect) { try await send(endless) }
        #expect(error?.reason.contains("10 times") == true)
    }

    @Test func theBodyOfARedirectIsNotWaitedFor() async throws {
        let (_, text) = try await send(HTTPRequest(following: server.url("/redirect?long=1&to=/echo")))
        #expect(text.hasPrefix("GET /echo\n"))
    }

    @Test(
        "Which server is the same one",
        arguments: [
            ("http://a/", "http://A/x", true), ("http://a/", "https://a/", true), ("https://a/", "http://a/", false),
            ("http://a:8080/", "https://a/", false), ("http://a/", "http://b/", false), ("http://a/", "http://a:81/", false),
            ("https://a/", "https://a:443/", true), ("https://a/", "//b/", false), ("https://a/", "../x", true),
            ("https://a/", "https://a@b/", false), ("https://a/", "https://a.b/", false),
        ]
    )
    func parties(from: String, to: String, isSame: Bool) throws {
        var request = HTTPRequest("GET", from, headers: ["Authorization": "Bearer x"])
        request.maximumRedirects = 1
        let next = try #require(try Exchange(request).next(status: 302, location: to))
        #expect(next.headers.contains("Authorization") == isSame)
    }
}

extension HTTPRequest {
    fileprivate init(following url: String) {
        self.init("GET", url)
        maximumRedirects = 10
    }
}
