import Basics
import CloudEvents
import Curl
import Model
import TestSupport
import Testing

@testable import Executor

/// Whole `.http` files against a real server that answers with what it got, as JSON.
@Suite(.timeLimit(.minutes(3))) struct HTTPStepTests {
    private let step = HTTPStep(client: HTTPClient(), outputLimit: 100_000)
    private let server: PythonServer

    init() throws { server = try WebServer.shared.get() }

    private func run(
        _ file: String,
        _ variables: [String: String] = [:],
        step: HTTPStep? = nil,
        within limit: Duration = .seconds(50)
    ) async -> HTTPStepOutcome {
        let variables = variables.merging(["SERVER": "http://127.0.0.1:\(server.port)"]) { $1 }
        let values = PlaceholderValues(variables: variables, event: ["data": ["list": [1, 2]]], environment: ["token": "t0ken"])
        return await (step ?? self.step).run(file: Array(file.utf8), values: values, deadline: .after(limit))
    }

    private func echo(_ outcome: HTTPStepOutcome) throws -> JSON {
        #expect(outcome.ending == .responded(status: 200))
        return try JSON(parsing: outcome.output.utf8)
    }

    @Test("Seed: the sample configuration.change.http, each field of which arrives") func seedSample() async throws {
        let file = """
            POST http://127.0.0.1:\(server.port)/YOURHOOKID
            Accept: application/json
            Cache-Control: no-cache
            Content-Type: application/cloudevents+json
            {
            "contenttype": "application/json",
            "deploymentstrategy": "blue_green_service",
            "project": "$PROJECT",
            "service": "$SERVICE",
            "stage": "$STAGE",
            "mylabel" : "$LABEL_gitcommit",
            "mytoken" : "$ENV_TESTTOKEN",
            "shkeptncontext": "$CONTEXT",
            "event": "$EVENT",
            "source": "$SOURCE"
            }
            """
        let outcome = await run(
            file,
            [
                "PROJECT": "sockshop", "SERVICE": "carts", "STAGE": "dev", "LABEL_gitcommit": "a1b2c3",
                "ENV_TESTTOKEN": "t\"ok\\en",
                "CONTEXT": "2d363636-3537", "EVENT": "sh.keptn.event.configuration.change", "SOURCE": "https://github.com/keptn",
            ]
        )
        #expect(outcome.warnings == [])
        #expect(outcome.reason == nil)
        let got = try echo(outcome)
        #expect(got["method"] == "POST")
        #expect(got["path"] == "/YOURHOOKID")
        #expect(got["headers"]?["Accept"] == "application/json")
        #expect(got["headers"]?["Cache-Control"] == "no-cache")
        #expect(got["headers"]?["Content-Type"] == "application/cloudevents+json")
        #expect(
            try JSON(parsing: (got["body"]?.string ?? "").utf8) == [
                "contenttype": "application/json", "deploymentstrategy": "blue_green_service", "project": "sockshop",
                "service": "carts", "stage": "dev", "mylabel": "a1b2c3", "mytoken": "t\"ok\\en",
                "shkeptncontext": "2d363636-3537",
                "event": "sh.keptn.event.configuration.change", "source": "https://github.com/keptn",
            ]
        )
    }

    @Test(
        "Seed: every placeholder of the list is replaced",
        arguments: [
            "CONTEXT", "EVENT", "SOURCE", "TIMESTRING", "TIMEUTCSTRING", "TIMEUTCMS", "PROJECT", "STAGE", "SERVICE", "DEPLOYMENT",
            "TESTSTRATEGY", "DEPLOYMENTURILOCAL", "DEPLOYMENTURIPUBLIC", "LABEL_gitcommit", "LABEL_anotherlabel",
            "ENV_YOURCUSTOMENV", "ENV_KEPTN_API_TOKEN", "ENV_KEPTN_ENDPOINT", "VALUE_MESSAGE",
        ]
    )
    func seedPlaceholders(name: String) async throws {
        let others = ["DEPLOYMENT": "no", "DEPLOYMENTURI": "no", "LABEL_git": "no", "ENV_KEPTN": "no", "SO": "no", "TIME": "no"]
        let outcome = await run("POST $SERVER/x\n\n[$\(name)]", others.merging([name: "the value"]) { $1 })
        #expect(try echo(outcome)["body"] == "[\"the value\"]")
    }

    @Test("Seed: 2xx passes, everything else fails", arguments: [200, 201, 204, 299, 302, 400, 404, 500, 503])
    func statuses(status: Int) async {
        let outcome = await run("GET $SERVER/status/\(status)?token=s3cret")
        #expect(outcome.ending == .responded(status: status))
        #expect(!outcome.isErrored)
        let expected = "HTTP \(status) from GET http://127.0.0.1:\(server.port)/status/\(status)"
        #expect(outcome.reason == ((200..<300).contains(status) ? nil : expected))
        if status != 204 { #expect(outcome.output == "status \(status)") }
    }

    @Test func aRequestArrivesAsItWasWritten() async throws {
        let file = """
            ### Notify
            # @follow-up
            PUT $SERVER/a b/${data.list[1]}
                ?q=$Q
                &r=ü  HTTP/1.1
            Referer: https://x.example:8/y
            X-Twice: 1
            X-Twice: 2
            Authorization: Bearer ${env.token}

            first

            # kept

            last

            """
        let outcome = await run(file, ["Q": "a&b=c d"])
        #expect(outcome.allowsFollowUp)
        let got = try echo(outcome)
        #expect(got["method"] == "PUT")
        #expect(got["path"] == "/a%20b/2?q=a%26b=c%20d&r=%C3%BC")
        #expect(got["headers"]?["Referer"] == "https://x.example:8/y")
        #expect(got["headers"]?["X-Twice"] == "1, 2")
        #expect(got["headers"]?["Authorization"] == "Bearer t0ken")
        #expect(got["headers"]?["Content-Type"] == nil)
        #expect(got["body"] == "first\n\n# kept\n\nlast")
    }

    @Test func redirectsAreFollowedUnlessTheFileForbids() async throws {
        #expect(try echo(await run("GET $SERVER/redirect"))["path"] == "/target")
        let outcome = await run("# @no-redirect\nGET $SERVER/redirect")
        #expect(outcome.ending == .responded(status: 302))
    }

    private func step(allow: String = "*", deny: String? = nil, closed: [Int] = []) throws -> HTTPStep {
        let rules = DestinationRules(
            allow: [try #require(DestinationPattern(allow))],
            deny: try deny.map { [try #require(DestinationPattern($0))] } ?? []
        )
        return HTTPStep(
            client: HTTPClient(),
            settings: HTTPSettings(rules: rules, ownPorts: OwnPorts(closed), proxy: .none),
            outputLimit: 100_000
        )
    }

    @Test("A file goes where the rules let it, by name or by address, and nowhere else")
    func destinations() async throws {
        let file = "GET http://localhost:\(server.port)/status/200"
        for allow in ["*", "localhost", "127.0.0.0/8", "127.0.0.1:\(server.port)"] {
            #expect(await run(file, step: try step(allow: allow)).ending == .responded(status: 200), "\(allow)")
        }
        for step in [try step(allow: "a.example"), try step(allow: "10.0.0.0/8"), try step(deny: "localhost")] {
            #expect(await run(file, step: step).isErrored)
        }
        let outcome = await run(file, step: try step(deny: "127.0.0.0/8"))
        #expect(outcome.isErrored)
        let sentence =
            "GET http://localhost:\(server.port)/status/200 failed: HTTP_DENY (127.0.0.0/8) does not allow requests to 127.0.0.1, "
            + "which localhost resolves to; change HTTP_ALLOW or HTTP_DENY"
        #expect(outcome.ending == .failed(sentence))
    }

    @Test func aRedirectIsNoWayAroundTheRules() async throws {
        let file = "GET http://127.0.0.1:\(server.port)/redirect/localhost"
        #expect(try echo(await run(file))["path"] == "/target")
        let outcome = await run(file, step: try step(deny: "localhost"))
        #expect(outcome.isErrored)
        #expect(outcome.reason?.contains("HTTP_DENY (localhost)") == true)
    }

    @Test("The settings reach each request") func settings() throws {
        var request = HTTPRequest("GET", "https://a.example/")
        HTTPSettings(caFile: "/ca", clientCertificate: .init(file: "/c", keyFile: "/k"), proxy: .url("http://p:1")).apply(
            to: &request
        )
        #expect(request.caFile == "/ca" && request.clientCertificate == .init(file: "/c", keyFile: "/k"))
        #expect(request.proxy == .url("http://p:1"))
        let check = try #require(request.destinationCheck)
        #expect(check(Destination(host: "a.example", port: 443, .pending)) == nil)
    }

    @Test func thePortOfOperatorsIsClosed() async throws {
        let outcome = await run("GET $SERVER/status/200", step: try step(closed: [server.port]))
        #expect(outcome.isErrored)
        #expect(outcome.reason?.contains("this service's own port for operators (ADMIN_PORT)") == true)
    }

    @Test func outputIsCutToTheLimit() async {
        let outcome = await run("GET $SERVER/status/200", step: HTTPStep(client: HTTPClient(), outputLimit: 5))
        #expect(outcome.output == "statu")
        #expect(outcome.warnings.count == 1)
        #expect(outcome.reason == nil)
    }

    @Test("The shorter of @timeout and the deadline ends the wait", arguments: ["# @timeout 200 ms\n", ""])
    func timeouts(tag: String) async throws {
        let outcome = await run("\(tag)GET $SERVER/silent", within: tag.isEmpty ? .milliseconds(200) : .seconds(50))
        guard case .timedOut(let limit) = outcome.ending else {
            Issue.record("\(outcome)")
            return
        }
        #expect(limit <= .milliseconds(200))
        #expect(!outcome.isErrored)
        #expect(outcome.reason?.contains("/silent") == true)
    }

    @Test func cancellationEndsTheStep() async {
        let task = Task { await run("GET $SERVER/silent") }
        task.cancel()
        let outcome = await task.value
        #expect(outcome.ending == .cancelled)
        #expect(!outcome.isErrored)
    }

    @Test(
        "No answer is an error with a sentence, and no secret in it",
        arguments: [
            "GET http://does-not-exist.invalid/?s3cret", "GET http://me:s3cret@127.0.0.1:1/", "POST", "", "GET $NOWHERE/",
            "GET http://127.0.0.1:1/\nA: $EVIL", "GET https://h/{{unknown}}", "GET http://$EVIL/", "GET ftp://s3cret/",
        ]
    )
    func errors(file: String) async throws {
        let outcome = await run(file, ["EVIL": "a\r\ns3cret: b"])
        #expect(outcome.isErrored)
        #expect(!outcome.allowsFollowUp)
        let reason = try #require(outcome.reason)
        #expect(outcome.ending == .failed(reason))
        #expect(!reason.contains("s3cret"))
    }

    @Test func aBodyThatIsNotUTF8IsReplaced() async { #expect(await run("GET $SERVER/latin1").output == "caf\u{FFFD}") }
}
