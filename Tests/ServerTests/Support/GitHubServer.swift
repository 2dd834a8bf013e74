import Basics
import TestSupport

/// A stand-in for GitHub's API over real HTTP: it checks an App's proof with openssl, as GitHub does, and gives out tokens.
struct GitHubServer {
    private let directory: TemporaryDirectory
    private let server: PythonServer
    /// Making keys takes long: all servers of the tests share them.
    private static let keys = Result { try TemporaryDirectory() }
    private let keys: TemporaryDirectory

    /// App 12345 with installation 67; token number n is `ghs_token_n`.
    init() throws {
        directory = try TemporaryDirectory()
        keys = try Self.keys.get()
        server = try PythonServer(directory.write(Self.script, to: "server.py"), directory.path, keys.path)
    }

    var api: String { server.url("") }
    var keyFile: String { keys.path + "/key.pem" }
    /// The same key in the form that `openssl genpkey` writes.
    var pkcs8File: String { keys.path + "/key8.pem" }
    var otherKeyFile: String { keys.path + "/other.pem" }

    /// How it answers from now on: a status, or `text` for an answer without a token, or `hold` until ``release()``.
    func answer(_ mode: String) throws { try Files.replace(directory.path + "/mode", with: mode.utf8) }

    /// How long its tokens are good.
    func setLifetime(_ seconds: Int) throws { try Files.replace(directory.path + "/lifetime", with: "\(seconds)".utf8) }

    /// How far its clock is ahead of ours.
    func setClock(ahead seconds: Int64) throws { try Files.replace(directory.path + "/ahead", with: "\(seconds)".utf8) }

    /// How many questions came so far.
    func count() -> Int { Files.size(directory.path + "/questions") }

    private static let script = #"""
        import base64, fcntl, http.server, json, os, subprocess, sys, threading, time
        directory, keys = sys.argv[1:]
        os.chdir(keys)
        def openssl(*arguments):
            subprocess.run(["openssl", *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open("lock", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not os.path.exists("other.pem"):
                openssl("genrsa", "-traditional", "-out", "key.pem", "2048")
                openssl("pkcs8", "-topk8", "-nocrypt", "-in", "key.pem", "-out", "key8.pem")
                openssl("rsa", "-in", "key.pem", "-pubout", "-out", "public.pem")
                openssl("genrsa", "-out", "other.pem", "2048")
        os.chdir(directory)
        number, lock = 0, threading.Lock()

        def text(name, default):
            try:
                with open(name) as file: return file.read()
            except FileNotFoundError: return default

        def moment(): return time.time() + int(text("ahead", "0"))

        def decoded(part): return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))

        def is_proof(token):
            head, claims, signature = token.split(".")
            if json.loads(decoded(head)) != {"alg": "RS256", "typ": "JWT"}: return False
            values = json.loads(decoded(claims))
            now = moment()
            if values["iss"] != "12345" or values["iat"] > now - 30 or not now < values["exp"] <= values["iat"] + 600: return False
            name = str(threading.get_ident())
            with open(name + ".data", "w") as file: file.write(head + "." + claims)
            with open(name + ".signature", "wb") as file: file.write(decoded(signature))
            return subprocess.run(["openssl", "dgst", "-sha256", "-verify", keys + "/public.pem", "-signature", name + ".signature",
                                   name + ".data"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *arguments): pass
            def answer(self, status, document):
                body = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def do_POST(self):
                global number
                with lock:
                    with open("questions", "a") as file: file.write("x")
                    number += 1
                    mine = number
                while text("mode", "") == "hold": time.sleep(0.005)
                mode = text("mode", "201")
                if mode == "text": return self.answer(201, {"message": "s3cret"})
                if mode != "201": return self.answer(int(mode), {"message": "s3cret"})
                proof = self.headers.get("Authorization", "")
                if not proof.startswith("Bearer ") or not is_proof(proof[7:]): return self.answer(401, {})
                if self.headers["Accept"] != "application/vnd.github+json": return self.answer(415, {})
                if self.path != "/app/installations/67/access_tokens": return self.answer(404, {})
                end = time.gmtime(moment() + int(text("lifetime", "3600")))
                self.answer(201, {"token": f"ghs_token_{mine}", "expires_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", end)})

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        print(server.server_port, flush=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdin.read()
        """#
}
