import Basics
import Curl
import Git
import TestSupport
import Testing

/// What of the access to a remote goes to which server.
@Suite(.timeLimit(.minutes(3))) struct RemoteAccessTests {
    let directory: TemporaryDirectory
    let server: PythonServer

    init() throws {
        directory = try TemporaryDirectory()
        server = try PythonServer(try directory.write(Self.script, to: "server.py"), directory.path)
    }

    /// Asks for references; `/away` is redirected from 127.0.0.1 to localhost.
    private func ask(_ path: String, _ access: RemoteAccess) async throws {
        var access = access
        access.proxy = .none
        let carrier = SmartHTTP(try HTTPURL(server.url(path)), access: access, client: HTTPClient())
        _ = try await GitRemote(carrier).references(LsRefs(prefixes: []), deadline: .after(.seconds(20)))
    }

    /// The requests that came: method, path and Authorization.
    private func requests() throws -> [String] {
        String(decoding: try Files.read(directory.path + "/requests"), as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private let access = RemoteAccess(credentials: BasicCredentials(user: "me", password: "s3cret"))

    @Test("A redirect to another host is refused unless it is allowed")
    func refused() async throws {
        let error = await #expect(throws: GitError.self) { try await ask("/away", access) }
        #expect(error?.message.contains("another server") == true)
        #expect(try requests() == ["GET /away/info/refs Basic bWU6czNjcmV0"])
    }

    @Test("Credentials go to the server that they are for, never to where it redirects, also not with later requests")
    func otherHost() async throws {
        var access = access
        try await ask("/git", access)
        access.followsToOtherHosts = true
        try await ask("/away", access)
        let own = ["GET /git/info/refs Basic bWU6czNjcmV0", "POST /git/git-upload-pack Basic bWU6czNjcmV0"]
        let away = ["GET /away/info/refs Basic bWU6czNjcmV0", "GET /git/info/refs None", "POST /git/git-upload-pack None"]
        #expect(try requests() == own + away)
    }

    @Test("A .netrc file gives each host what is its own")
    func netrc() async throws {
        let text = "machine 127.0.0.1 login me password s3cret machine localhost login you password 0ther"
        let file = try directory.write(text, to: "netrc")
        try await ask("/away", RemoteAccess(netrcFile: file, followsToOtherHosts: true))
        let other = "Basic eW91OjB0aGVy"
        let expected = [
            "GET /away/info/refs Basic bWU6czNjcmV0", "GET /git/info/refs \(other)", "POST /git/git-upload-pack \(other)",
        ]
        #expect(try requests() == expected)
    }

    @Test("Where credentials cannot be had, nobody is asked, and the reason is told")
    func problem() async throws {
        let problem = GitError(.auth, "get a token", "there is none")
        let error = await #expect(throws: GitError.self) { try await ask("/git", RemoteAccess(problem: problem)) }
        #expect(error?.failureClass == .auth && error?.message == "there is none" && !Files.exists(directory.path + "/requests"))
    }

    private static let script = #"""
        import http.server, sys, threading

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def log_message(self, *arguments): pass
            def record(self):
                with open(sys.argv[1] + "/requests", "a") as file:
                    path = self.path.split("?")[0]
                    file.write(f"{self.command} {path} {self.headers.get('Authorization')}\n")
            def answer(self, status, body, kind, headers={}):
                self.send_response(status)
                self.send_header("Content-Type", f"application/x-git-upload-pack-{kind}")
                self.send_header("Content-Length", str(len(body)))
                for name, value in headers.items(): self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
            def do_GET(self):
                self.record()
                if self.path.startswith("/away/"):
                    place = f"http://localhost:{server.server_port}{self.path.replace('/away/', '/git/')}"
                    return self.answer(302, b"", "advertisement", {"Location": place})
                lines = ["# service=git-upload-pack\n", None, "version 2\n", "ls-refs\n", "fetch=shallow\n", None]
                body = b"".join(b"0000" if line is None else f"{len(line) + 4:04x}{line}".encode() for line in lines)
                self.answer(200, body, "advertisement")
            def do_POST(self):
                self.record()
                self.rfile.read(int(self.headers["Content-Length"]))
                self.answer(200, b"0000", "result")

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        print(server.server_port, flush=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdin.read()
        """#
}
