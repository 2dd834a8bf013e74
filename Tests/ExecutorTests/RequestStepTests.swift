import Basics
import CloudEvents
import Model
import Synchronization
import TestSupport
import Testing

@testable import Executor

/// `.http` files by way of the executor; what they can say is tested with `HTTPStep`.
@Suite(.timeLimit(.minutes(3)))
struct RequestStepTests {
    private let workshop: Workshop
    private let server: PythonServer

    /// `POST /<status>` answers with that status and the body it got.
    private static let script = """
        import http.server

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get('Content-Length', 0)))
                self.send_response(int(self.path[1:]))
                self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        print(server.server_port, flush=True)
        import sys, threading
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdin.read()
        """

    init() throws {
        var workshop = try Workshop()
        workshop.settings.serviceEnvironment["WEBHOOK"] = "s3cret-hook"
        workshop.secrets.add(["s3cret-hook"])
        self.workshop = workshop
        server = try PythonServer(try workshop.directory.write(Self.script, to: "server.py"))
    }

    private func run(_ status: Int, body: String, head: String = "", _ request: ScriptRequest = .sample()) async throws
        -> RunOutcome
    {
        try workshop.write(
            "test.triggered.http",
            "\(head)POST \(server.url("/\(status)"))\nContent-Type: text/plain\n\n\(body)\n"
        )
        return try await workshop.run(request)
    }

    @Test(
        "Seed: 2xx is pass, any other status fail; the body is the message",
        arguments: [(200, RunResult.pass), (202, .pass), (400, .fail), (503, .fail)]
    )
    func status(status: Int, result: RunResult) async throws {
        let outcome = try await run(status, body: "hello $LABEL_who", .sample(variables: [Variable("LABEL_who", "world")]))
        #expect(outcome.result == result)
        #expect(outcome.message == "hello world")
        #expect(outcome.steps.first?.ending == .responded(status: status))
    }

    @Test("Values of event and service arrive; a secret of the service is masked in what comes back")
    func values() async throws {
        let outcome = try await run(
            200,
            body: "${data.labels.a} $DATA_LABELS_A ${env.webhook} $ENV_WEBHOOK",
            .sample(data: ["labels": ["a": "b"]])
        )
        #expect(outcome.message == "b b *** ***")
    }

    @Test("Seed: {\"error\": ...} in the body fails although the status is 200")
    func error() async throws {
        let outcome = try await run(200, body: #"{"error": "errormessage"}"#)
        #expect(outcome.result == .fail)
        #expect(outcome.message == "errormessage")
    }

    @Test("A response becomes an event only if the file says so", arguments: [("", 0), ("# @follow-up\n", 1)])
    func followUp(head: String, count: Int) async throws {
        let outcome = try await run(200, body: #"{"type": "sh.keptn.events.tests-finished"}"#, head: head)
        #expect(outcome.result == .pass)
        #expect(outcome.followUps.count == count)
    }

    @Test("0.8: a JSON body is data of the task")
    func data() async throws { #expect(try await run(200, body: #"{"score": 1}"#).taskData == ["score": 1]) }

    @Test("Warnings stand before the body, as notes of the service")
    func warnings() async throws {
        let seen = Mutex<[OutputChunk.Source]>([])
        try workshop.write("test.triggered.http", "POST \(server.url("/200"))\n\n$UNKNOWN_NAME")
        let outcome = try await workshop.run(.sample()) { _, chunk in seen.withLock { $0.append(chunk.source) } }
        #expect(outcome.message.hasSuffix("\n$UNKNOWN_NAME"))
        // First the line of the request.
        #expect(seen.withLock { $0 } == [.service, .service, .output])
    }

    @Test("A server that is not there is errored, with a sentence")
    func refused() async throws {
        try workshop.write("test.triggered.http", "GET http://127.0.0.1:1/")
        let outcome = try await workshop.run(.sample())
        #expect(outcome.result == .errored)
        #expect(outcome.message.contains("127.0.0.1"))
    }
}
