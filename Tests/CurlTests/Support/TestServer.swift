import TestSupport

/// The servers of these tests: one for plain HTTP that all suites share, and one with TLS.
enum TestServer {
    static let plain = Result { try start() }

    static func start() throws -> PythonServer {
        let directory = try TemporaryDirectory()
        // Python has read its script once it prints the port: the directory may go.
        return try PythonServer(directory.write(common + plainServer, to: "server.py"))
    }

    /// A server with a certificate from an authority of its own, for `127.0.0.1` or for another name.
    struct Secure {
        let server: PythonServer
        let directory: TemporaryDirectory
        var url: String { "https://127.0.0.1:\(server.port)/echo" }
        var caFile: String { directory.path + "/ca.pem" }

        /// - Parameter asksForCertificate: takes only clients with a certificate of its authority: `client.pem` and `client.key`
        ///   in its directory; `locked.key` is the same key with a passphrase.
        ///   - newestTLS: the newest version that it speaks.
        init(name: String = "IP:127.0.0.1", asksForCertificate: Bool = false, newestTLS: String = "TLSv1_3") throws {
            directory = try TemporaryDirectory()
            let script = try directory.write(common + secureServer, to: "server.py")
            server = try PythonServer(script, directory.path, name, "\(asksForCertificate)", newestTLS)
        }
    }

    /// A proxy that wants user `me` and password `p@ss: 1`.
    static func startProxy() throws -> PythonServer {
        let directory = try TemporaryDirectory()
        return try PythonServer(directory.write(common + proxyServer, to: "server.py"))
    }
}

/// What both have: `/echo` answers with the request as it came; other paths misbehave as their names say.
private let common = #"""
    import gzip, os, socket, subprocess, sys, threading, time
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
    from urllib.parse import parse_qs, unquote, urlsplit

    barriers, lock, seen = {}, threading.Lock(), []

    def watch():
        sys.stdin.read()
        os._exit(0)
    threading.Thread(target=watch, daemon=True).start()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        def log_message(self, *arguments): pass

        def answer(self, status=200, body=b"", headers=()):
            self.send_response(status)
            for name, value in headers: self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD": self.wfile.write(body)

        def serve(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            query = {k: v[0] for k, v in parse_qs(parts.query).items()}
            with lock: seen.append(parts.path)
            action = getattr(self, "do_" + parts.path.strip("/").split("/")[0], None)
            if parts.scheme: action = self.do_echo
            action(query, body) if action else self.answer(404, b"nothing here")

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_PURGE = serve
        def do_CONNECT(self): self.answer(407, b"", [("Proxy-Authenticate", "Basic")])

        def do_echo(self, query, body):
            lines = [f"{self.command} {self.path}"] + [f"{k}: {v}" for k, v in self.headers.items()]
            self.answer(int(query.get("status", 200)), ("\n".join(lines) + "\n\n").encode() + body, [("X-Twice", "1"), ("x-twice", "2")])
        def do_redirect(self, query, body):
            status = int(query.get("status", 302))
            if "loop" in query: return self.answer(status, b"", [("Location", self.path)])
            if "long" in query:
                self.send_response(status)
                self.send_header("Location", query["to"])
                self.end_headers()
                try:
                    while True: self.wfile.write(b"x" * 65536)
                except OSError: return
            self.answer(status, b"moved", [("Location", query["to"])])
        def do_connection(self, query, body): self.answer(200, str(self.client_address[1]).encode())
        def do_seen(self, query, body):
            with lock: self.answer(200, str(seen.count(query["path"])).encode())
        def do_silent(self, query, body): time.sleep(60)
        def do_drip(self, query, body):
            self.send_response(200)
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b".")
                    time.sleep(0.02)
            except OSError: pass
            self.close_connection = True
        def do_big(self, query, body): self.answer(200, b"x" * int(query["n"]))
        def do_gzip(self, query, body): self.answer(200, gzip.compress(b"a" * 100000), [("Content-Encoding", "gzip")])
        def do_bomb(self, query, body):
            self.answer(200, gzip.compress(bytes(64 << 20), 1), [("Content-Encoding", "gzip")])
        def do_slowheaders(self, query, body):
            try:
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                while True:
                    self.wfile.write(b"X: y\r\n")
                    time.sleep(0.02)
            except OSError: pass
            self.close_connection = True
        def do_empty(self, query, body): self.close_connection = True
        def do_garbage(self, query, body):
            self.wfile.write(b"this is no HTTP\r\n\r\n")
            self.close_connection = True
        def do_partial(self, query, body):
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            self.close_connection = True
        def do_hints(self, query, body):
            self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n")
            self.answer(200, b"late")
        def do_headers(self, query, body):
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            for i in range(40): self.wfile.write(b"X-%d: " % i + b"y" * 8000 + b"\r\n")
            self.wfile.write(b"\r\n")
            self.close_connection = True
        def do_barrier(self, query, body):
            with lock: barrier = barriers.setdefault(query["name"], threading.Barrier(int(query["n"])))
            barrier.wait(40)
            self.answer(200, b"all here")

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 256
        def handle_error(self, request, address): pass


    """#

private let plainServer = #"""
    server = Server(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()
    """#

private let secureServer = #"""
    import ssl
    directory, name, asks, newest = sys.argv[1:]

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=directory, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test CA", "-days", "2",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    openssl("req", *key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=server")
    with open(directory + "/extensions", "w") as file: file.write("subjectAltName=" + name + "\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-out", "server.pem", "-extfile", "extensions")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # Python's own lower limit would keep it from the older versions, and OpenSSL's from what they need.
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion[newest]
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.load_cert_chain(directory + "/server.pem", directory + "/server.key")
    if asks == "true":
        openssl("req", *key, "-keyout", "client.key", "-out", "client.csr", "-subj", "/CN=client")
        openssl("x509", "-req", "-in", "client.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                "-out", "client.pem")
        openssl("ec", "-in", "client.key", "-aes256", "-passout", "pass:s3cret", "-out", "locked.key")
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(directory + "/ca.pem")
    server = Server(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    print(server.server_address[1], flush=True)
    server.serve_forever()
    """#

private let proxyServer = #"""
    import base64, http.client, select

    class Proxy(Handler):
        def may_pass(self):
            wanted = "Basic " + base64.b64encode(b"me:p@ss: 1").decode()
            if self.headers.get("Proxy-Authorization") == wanted: return True
            self.answer(407, b"", [("Proxy-Authenticate", "Basic realm=proxy")])
            return False

        def do_CONNECT(self):
            if not self.may_pass(): return
            host, port = self.path.rsplit(":", 1)
            upstream = socket.create_connection((host, int(port)), 20)
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            ends = {self.connection: upstream, upstream: self.connection}
            while True:
                for end in select.select(list(ends), [], [])[0]:
                    data = end.recv(65536)
                    if not data:
                        upstream.close()
                        self.close_connection = True
                        return
                    ends[end].sendall(data)

        def do_GET(self):
            if not self.may_pass(): return
            parts = urlsplit(self.path)
            headers = {k: v for k, v in self.headers.items() if not k.lower().startswith("proxy-")}
            upstream = http.client.HTTPConnection(parts.netloc, timeout=20)
            upstream.request("GET", parts.path, headers=headers)
            answer = upstream.getresponse()
            self.answer(answer.status, answer.read())

    server = Server(("127.0.0.1", 0), Proxy)
    print(server.server_address[1], flush=True)
    server.serve_forever()
    """#
