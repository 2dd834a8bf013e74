import Basics
import TestSupport
import Testing

@testable import Curl

/// Authorities as text, client certificates, `.netrc` files and proxies that want a password, with servers that insist on them.
@Suite(.timeLimit(.minutes(3))) struct CredentialTests {
    let client = HTTPClient()

    private func send(_ request: HTTPRequest, _ change: (inout HTTPRequest) -> Void = { _ in }) async throws -> HTTPResponse {
        var request = request
        request.proxy = .none
        change(&request)
        return try await client.send(request, deadline: .after(.seconds(50)))
    }

    private func text(_ response: HTTPResponse) -> String { String(decoding: response.body, as: UTF8.self) }

    @Test("Authorities are taken as text, too; it counts in place of the file and of the system's")
    func authorities() async throws {
        let (secure, other) = (try TestServer.Secure(), try TestServer.Secure())
        let pem = String(decoding: try Files.read(secure.caFile), as: UTF8.self)
        let request = HTTPRequest("GET", secure.url)
        #expect(try await send(request) { $0.authorities = pem }.status == 200)
        let windows = pem.replacing("\n", with: "\r\n")
        #expect(try await send(request) { ($0.authorities, $0.caFile) = (windows, other.caFile) }.status == 200)
        // The connections that these requests left open were made with another trust.
        let wrong = String(decoding: try Files.read(other.caFile), as: UTF8.self)
        for text in [wrong, "", "s3cret"] {
            let error = await expectError(.tls) {
                try await send(request) { ($0.authorities, $0.caFile) = (text, secure.caFile) }
            }
            #expect(error?.description.contains("s3cret") == false)
        }
        await expectError(.tls) { try await send(request) }
    }

    @Test("A client certificate is shown to a server that asks for one")
    func clientCertificate() async throws {
        let secure = try TestServer.Secure(asksForCertificate: true)
        let directory = secure.directory.path
        let request = HTTPRequest("GET", secure.url)
        func send(_ certificate: HTTPRequest.ClientCertificate?) async throws -> HTTPResponse {
            var request = request
            (request.proxy, request.caFile, request.clientCertificate) = (.none, secure.caFile, certificate)
            // A connection that is open already would be taken whatever the key is now.
            return try await HTTPClient().send(request, deadline: .after(.seconds(50)))
        }
        #expect(try await send(.init(file: "\(directory)/client.pem", keyFile: "\(directory)/client.key")).status == 200)
        let both = try Files.read("\(directory)/client.key") + Files.read("\(directory)/client.pem")
        try Files.write(both, to: "\(directory)/both.pem")
        #expect(try await send(.init(file: "\(directory)/both.pem")).status == 200)
        // Where the server closes before its refusal is read, the connection is all that broke.
        let none = await #expect(throws: HTTPClientError.self) { _ = try await send(nil) }
        #expect(none?.kind == .connect || none?.reason.contains("wants a client certificate") == true, "\(none?.reason ?? "")")
        // A key with a passphrase is refused at once; nobody is asked on a terminal.
        for key in ["locked.key", "missing.key", "ca.key"] {
            let error = await expectError(.tls) {
                try await send(.init(file: "\(directory)/client.pem", keyFile: "\(directory)/\(key)"))
            }
            #expect(error?.reason.contains("check the file of our client certificate") == true, "\(error?.reason ?? "")")
        }
    }

    @Test("A .netrc file has credentials by host, for requests without any")
    func netrc() async throws {
        let server = try TestServer.plain.get()
        let directory = try TemporaryDirectory()
        let text = "machine 127.0.0.1 login me password s3cret\nmachine localhost\n  login you\n  password 0ther\n"
        let file = try directory.write(text, to: "netrc")
        let (mine, yours) = ("Authorization: Basic bWU6czNjcmV0\n", "Authorization: Basic eW91OjB0aGVy\n")
        let request = HTTPRequest("GET", server.url("/echo"))
        #expect(self.text(try await send(request) { $0.netrcFile = file }).contains(mine))
        let own = try await send(request) {
            $0.netrcFile = file
            $0.credentials = BasicCredentials(user: "you", password: "0ther")
        }
        #expect(self.text(own).contains(yours))
        #expect(!self.text(try await send(request)).contains("Authorization"))
        #expect(!self.text(try await send(request) { $0.netrcFile = "/nowhere/netrc" }).contains("Authorization"))
        // Each host on the way gets what the file has for it, and nothing else.
        let away = HTTPRequest("GET", server.url("/redirect?to=http://localhost:\(server.port)/echo"))
        let answer = self.text(
            try await send(away) {
                $0.netrcFile = file
                $0.maximumRedirects = 1
            }
        )
        #expect(answer.contains(yours) && !answer.contains(mine), "\(answer)")
        try directory.write("machine 127.0.0.1 login me password s3cret\n", to: "netrc")
        let unknown = try await send(away) {
            $0.netrcFile = file
            $0.maximumRedirects = 1
        }
        #expect(!self.text(unknown).contains("Authorization"))
    }

    @Test(
        "What is for one server does not go to another one",
        arguments: [
            ("https://a/", "https://a/x", true, true), ("https://a/", "https://b/", false, true),
            ("https://a/", "http://a/", false, false), ("http://a/", "https://a/", true, true),
            ("https://a/", "http://b/", false, false), ("http://a/", "http://b/", false, true),
        ]
    )
    func redirects(from: String, to: String, keepsCertificate: Bool, keepsNetrc: Bool) throws {
        var request = HTTPRequest("GET", from, credentials: BasicCredentials(user: "u", password: "p"))
        request.clientCertificate = .init(file: "/c")
        request.netrcFile = "/n"
        request.maximumRedirects = 1
        let next = try #require(try Exchange(request).next(status: 302, location: to))
        #expect((next.clientCertificate != nil) == keepsCertificate && (next.credentials != nil) == keepsCertificate)
        #expect((next.netrcFile != nil) == keepsNetrc)
    }

    @Test("A proxy gets user and password of its URL, for plain HTTP and for tunnels")
    func proxy() async throws {
        let (proxy, plain, secure) = (try TestServer.startProxy(), try TestServer.plain.get(), try TestServer.Secure())
        let (http, https) = (HTTPRequest("GET", plain.url("/echo")), HTTPRequest("GET", secure.url))
        for address in ["http://me:p%40ss%3A%201@127.0.0.1:\(proxy.port)", "me:p%40ss%3A%201@127.0.0.1:\(proxy.port)"] {
            let answer = text(try await send(http) { $0.proxy = .url(address) })
            #expect(answer.hasPrefix("GET /echo\n") && !answer.contains("Authorization"), "\(answer)")
            let tunnelled = try await send(https) { ($0.proxy, $0.caFile) = (.url(address), secure.caFile) }
            #expect(tunnelled.status == 200 && !text(tunnelled).contains("Authorization"))
        }
    }

    @Test("A proxy that refuses us is told of without the password", arguments: ["", "me:s3cret@", "s3cret:x@"])
    func refusingProxy(userInfo: String) async throws {
        let (proxy, plain, secure) = (try TestServer.startProxy(), try TestServer.plain.get(), try TestServer.Secure())
        let address = "http://\(userInfo)127.0.0.1:\(proxy.port)"
        #expect(try await send(HTTPRequest("GET", plain.url("/echo"))) { $0.proxy = .url(address) }.status == 407)
        let error = await expectError(.proxy) { try await send(HTTPRequest("GET", secure.url)) { $0.proxy = .url(address) } }
        #expect(error?.reason.contains("(HTTP 407)") == true && error?.description.contains("s3cret") == false)
    }

    @Test("A proxy that is not there is told of without the password")
    func missingProxy() async throws {
        for address in ["http://me:s3cret@127.0.0.1:1", "http://me:s3cret@proxy.invalid:1"] {
            let error = await #expect(throws: HTTPClientError.self) {
                _ = try await send(HTTPRequest("GET", "http://127.0.0.1/")) { $0.proxy = .url(address) }
            }
            #expect(error?.description.contains("s3cret") == false)
        }
    }

    @Test("Paths with a NUL are refused")
    func oddPaths() async {
        await expectError(.invalidRequest) { try await send(HTTPRequest("GET", "http://h/")) { $0.netrcFile = "/a\0b" } }
        await expectError(.invalidRequest) {
            try await send(HTTPRequest("GET", "http://h/")) { $0.clientCertificate = .init(file: "/a", keyFile: "\0") }
        }
    }
}
