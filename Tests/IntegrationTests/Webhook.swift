import Basics
import CloudEvents
import TestSupport

/// Somebody else's web server: `POST /<status>` is answered with that status and the body that came, and is written down.
struct Webhook {
    let url: String
    private let directory: TemporaryDirectory
    private let server: PythonServer

    init() throws {
        directory = try TemporaryDirectory()
        server = try PythonServer(directory.write(Self.script, to: "server.py"), directory.path + "/requests")
        url = server.url("")
    }

    /// What came, in order: `method`, `path`, `headers` and `body` of each request.
    func requests() throws -> [JSON] {
        try Files.read(directory.path + "/requests").split(separator: UInt8(ascii: "\n")).map { try JSON(parsing: $0) }
    }

    private static let script = """
        import http.server, json, sys, threading

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get('Content-Length', 0)))
                with open(sys.argv[1], 'a') as file:
                    request = {'method': self.command, 'path': self.path, 'headers': dict(self.headers), 'body': body.decode()}
                    file.write(json.dumps(request) + '\\n')
                status = int(self.path[1:4])
                self.send_response(status)
                if status != 204: self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                if status != 204: self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        print(server.server_port, flush=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdin.read()
        """
}
