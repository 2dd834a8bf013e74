extension FaultServer {
    /// A thread for each connection. A request is written down before it is answered, so whoever has an answer can count on the
    /// list. All ends with standard input.
    static let script = #"""
        import email.utils, gzip, http.server, os, re, select, socket, subprocess, sys, threading, time

        directory = sys.argv[1]
        os.makedirs(directory + "/repos")
        backend = subprocess.run(["git", "--exec-path"], capture_output=True, text=True).stdout.strip() + "/git-http-backend"
        state = threading.Condition()
        rules, requests, held, connections = [], [], 0, 0
        kinds = ["version-0", "filter", "hold"]  # what does not take the place of the real answer

        class Rule:
            def __init__(self, path, step, fault, argument, times):
                self.path, self.step, self.fault, self.argument, self.times = path, step, fault, argument, int(times)

        def take(path, step):
            """The rules for a request; the newest fault counts."""
            with state:
                found = [rule for rule in reversed(rules)
                         if path.startswith(rule.path) and rule.step in ("any", step) and rule.times != 0]
                faults = [rule for rule in found if rule.fault not in kinds][:1]
                applied = faults + [rule for rule in found if rule.fault in kinds]
                for rule in applied:
                    rule.times -= rule.times > 0
                return faults[0] if faults else None, {rule.fault: rule for rule in reversed(applied)}

        def pack_bytes(body):
            """Where the bytes of the pack are: the packets of side band 1."""
            positions, offset = [], 0
            while offset + 4 <= len(body):
                size = int(body[offset:offset + 4], 16)
                if size > 4 and body[offset + 4] == 1:
                    positions += range(offset + 5, offset + size)
                offset += max(size, 4)
            return positions

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            is_counted = False

            def log_message(self, *arguments):
                pass

            def read_body(self):
                if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                    return self.rfile.read(int(self.headers.get("Content-Length", 0)))
                body = b""
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return body

            def do_GET(self):
                global connections
                body = self.read_body()
                path, _, query = self.path.partition("?")
                if path.startswith("/control/"):
                    return self.reply(200, [], self.control(path[len("/control/"):], query, body.decode()).encode())
                step = self.step(path, body)
                with state:
                    requests.append(f"{self.command} {path} {step} {'yes' if 'Authorization' in self.headers else 'no'}")
                    connections += not self.is_counted
                    self.is_counted = True
                    state.notify_all()
                fault, others = take(path, step)
                self.answer(fault, others, path, query, body)

            do_POST = do_GET

            def step(self, path, body):
                if path.endswith("/info/refs"):
                    return "discovery"
                if not path.endswith("/git-upload-pack"):
                    return "other"
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                return "question" if b"command=ls-refs" in body[:100] else "fetch"

            def control(self, name, query, body):
                global rules
                with state:
                    if name == "set":
                        rules.append(Rule(*body.split("\n")))
                    elif name == "heal":
                        rules = [rule for rule in rules if body and rule.path != body]
                        state.notify_all()
                    elif name == "requests":
                        return "\n".join(requests)
                    elif name == "connections":
                        return str(connections)
                    elif name == "asked":
                        return "yes" if state.wait_for(lambda: len(requests) >= int(query), 30) else "no"
                    elif name == "held":
                        return "yes" if state.wait_for(lambda: held >= int(query), 30) else "no"
                return ""

            def answer(self, fault, others, path, query, body):
                name, argument = (fault.fault, fault.argument) if fault else ("", "")
                if name == "silent":
                    self.park(fault)
                    self.close_connection = True
                elif name == "hang-up":
                    self.close_connection = True
                elif name == "status":
                    code, *retry = argument.split()
                    headers = [("WWW-Authenticate", "Basic realm=git")] if code == "401" else []
                    if retry:
                        seconds = int(retry[1])
                        date = email.utils.formatdate(time.time() + seconds, usegmt=True)
                        headers.append(("Retry-After", date if retry[0] == "date" else str(seconds)))
                    self.reply(int(code), headers, b"no\n")
                elif name == "redirect":
                    self.reply(302, [("Location", argument + self.path)], b"")
                elif name == "page":
                    self.reply(200, [("Content-Type", "text/html")], b"<html><body>Please log in.</body></html>\n")
                else:
                    self.real_answer(name, argument, others, path, query, body)

            def real_answer(self, name, argument, others, path, query, body):
                global held
                code, headers, answer = self.ask_backend(others, path, query, body)
                if "hold" in others:
                    with state:
                        held += 1
                        state.notify_all()
                    self.park(others["hold"])
                    with state:
                        held -= 1
                if name == "flipped" or name == "wrong-checksum":
                    positions = pack_bytes(answer)
                    if positions:
                        position = positions[-1] if name == "wrong-checksum" else positions[len(positions) // 2]
                        answer = answer[:position] + bytes([answer[position] ^ 0x10]) + answer[position + 1:]
                if name == "empty":
                    answer = b""
                if name == "huge-headers":
                    headers += [(f"X-Filler-{number}", "x" * 1000) for number in range(4096)]
                if name == "endless":
                    line = b"003d%040x refs/heads/x\n" % 1
                    self.begin(200, headers + [("Connection", "close")])
                    while True:
                        self.wfile.write(line * 1000)
                elif name == "drip":
                    self.begin(code, headers + [("Content-Length", str(len(answer)))])
                    for byte in answer:
                        self.wfile.write(bytes([byte]))
                        time.sleep(1)
                elif name == "cut" or name == "shortened":
                    size = [("Content-Length", str(len(answer)))] if name == "cut" else []
                    self.begin(code, headers + size + [("Connection", "close")])
                    self.wfile.write(answer[:int(argument)])
                    self.close_connection = True
                else:
                    self.reply(code, headers, answer)

            def ask_backend(self, others, path, query, body):
                filters = others["filter"].argument if "filter" in others else "false"
                environment = {
                    "PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
                    "GIT_CONFIG_COUNT": "2", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*",
                    "GIT_CONFIG_KEY_1": "uploadpack.allowFilter", "GIT_CONFIG_VALUE_1": filters,
                    "GIT_PROJECT_ROOT": directory + "/repos", "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": re.sub("^/@[^/]*", "", path),
                    "QUERY_STRING": query, "REQUEST_METHOD": self.command, "REMOTE_ADDR": "127.0.0.1",
                    "CONTENT_TYPE": self.headers.get("Content-Type", ""), "CONTENT_LENGTH": str(len(body)),
                    "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                    "GIT_PROTOCOL": "" if "version-0" in others else self.headers.get("Git-Protocol", ""),
                }
                output = subprocess.run([backend], input=body, env=environment, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL).stdout
                head, _, answer = output.partition(b"\r\n\r\n")
                headers = [tuple(line.split(": ", 1)) for line in head.decode().split("\r\n")]
                code = next((int(value.split()[0]) for name, value in headers if name == "Status"), 200)
                return code, [(name, value) for name, value in headers if name != "Status"], answer

            def park(self, rule):
                """Until all is well again or the client has gone."""
                with state:
                    while rule in rules and not self.client_has_gone():
                        state.wait(0.05)

            def client_has_gone(self):
                try:
                    ready, _, _ = select.select([self.connection], [], [], 0)
                    return bool(ready) and not self.connection.recv(1, socket.MSG_PEEK)
                except OSError:
                    return True

            def begin(self, code, headers):
                self.send_response(code)
                for name, value in headers:
                    self.send_header(name, value)
                self.end_headers()

            def reply(self, code, headers, body):
                head = [f"HTTP/1.1 {code} {self.responses.get(code, ('x',))[0]}"] + [f"{name}: {value}" for name, value in headers]
                head += [f"Content-Length: {len(body)}"]
                self.wfile.write("\r\n".join(head + ["", ""]).encode() + body)

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 512

            def handle_error(self, request, address):
                if not isinstance(sys.exc_info()[1], OSError):
                    super().handle_error(request, address)

        server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_address[1], flush=True)
        sys.stdin.read()
        os._exit(0)
        """#
}
