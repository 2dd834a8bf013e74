import TestSupport

/// A server for `.http` files: it tells what came, and answers in all the ways that they are to bear. One for all tests.
enum WebServer {
    static let shared = Result {
        // The script is read once its server prints a port: its directory may go then.
        let directory = try TemporaryDirectory()
        return try PythonServer(directory.write(script, to: "server.py"))
    }

    private static let script = #"""
        import json, os, sys, threading, time
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

        def watch():
            sys.stdin.read()
            os._exit(0)
        threading.Thread(target=watch, daemon=True).start()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def log_message(self, *arguments): pass

            def answer(self, status, body, *headers):
                self.send_response(status)
                for name, value in headers: self.send_header(name, value)
                if status != 204: self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if status != 204: self.wfile.write(body)

            def serve(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                path = self.path.split("?")[0]
                if path.startswith("/status/"):
                    status = path.split("/")[2]
                    self.answer(int(status), b"status " + status.encode())
                elif path == "/redirect": self.answer(302, b"moved", ("Location", "/target"))
                elif path == "/redirect/localhost":
                    self.answer(302, b"moved", ("Location", f"http://localhost:{self.server.server_address[1]}/target"))
                elif path == "/redirect/localhost/cookie":
                    there = f"http://localhost:{self.server.server_address[1]}/echo"
                    self.answer(302, b"in", ("Location", there), ("Set-Cookie", "session=s1; Path=/"))
                elif path == "/redirect/cookie":
                    self.answer(302, b"in", ("Location", "/echo"), ("Set-Cookie", "session=s1; Path=/"))
                elif path == "/set-cookie": self.answer(200, b"", ("Set-Cookie", "a=1; HttpOnly"), ("Set-Cookie", "b=2; Path=/"))
                elif path == "/silent": time.sleep(60)
                elif path == "/large": self.answer(200, json.dumps({"state": "ok", "more": "x" * 200_000}).encode())
                elif path == "/latin1": self.answer(200, b"caf\xe9")
                elif path == "/binary": self.answer(200, b"\x89P\xff\x00", ("Content-Type", "image/png"))
                elif path == "/login":
                    user = json.loads(body)["user"] if body else "nobody"
                    answer = {"auth": [{"token": 't"0k'}], "user": user, "n": 3, "on": True, "no": None, "id": 2**53 + 1}
                    self.answer(200, json.dumps(answer).encode(), ("X-Session", "s-1"), ("Content-Type", "application/json"))
                else:
                    headers = {}
                    for name, value in self.headers.items():
                        headers[name] = headers[name] + ", " + value if name in headers else value
                    answer = {"method": self.command, "path": self.path, "headers": headers, "body": body.decode()}
                    self.answer(200, json.dumps(answer).encode())
            do_GET = do_POST = do_PUT = do_DELETE = serve

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128
            def handle_error(self, request, address): pass

        server = Server(("127.0.0.1", 0), Handler)
        print(server.server_address[1], flush=True)
        server.serve_forever()
        """#
}
