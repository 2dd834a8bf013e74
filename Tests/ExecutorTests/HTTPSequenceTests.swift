import Basics
import CloudEvents
import Curl
import Glibc
import Model
import TestSupport
import Testing

@testable import Executor

/// Files of several requests against a real server.
@Suite(.timeLimit(.minutes(3))) struct HTTPSequenceTests {
    private let server: PythonServer
    private let directory: TemporaryDirectory

    init() throws {
        server = try WebServer.shared.get()
        directory = try TemporaryDirectory()
    }

    private func run(_ file: String, variables: [String: String] = [:], within limit: Duration = .seconds(50)) async
        -> HTTPStepOutcome
    {
        let values = PlaceholderValues(
            variables: variables.merging(["SERVER": "http://127.0.0.1:\(server.port)"]) { $1 },
            event: ["data": ["project": "sockshop", "evil": "x\"}\r\n--b--\r\n{{token}}$SERVER"]],
            environment: ["shown": "yes"],
            dotenv: ["KEY": "dot"]
        )
        let script = Script(
            name: "test.triggered.http",
            kind: .http,
            level: .service,
            branch: "dev",
            commit: "c",
            folder: "genericexecutor",
            path: "\(directory.path)/tree/genericexecutor/test.triggered.http",
            root: "\(directory.path)/tree"
        )
        return await HTTPStep(client: HTTPClient(), outputLimit: 100_000).run(
            file: Array(file.utf8),
            values: values,
            included: IncludedFiles(of: script),
            deadline: .after(limit)
        )
    }

    private func body(_ outcome: HTTPStepOutcome) throws -> JSON {
        #expect(outcome.reason == nil)
        return try JSON(parsing: outcome.body)
    }

    @Test("A token of the first answer goes into the second request: header, path and body")
    func chaining() async throws {
        let outcome = await run(
            """
            @token = {{login.response.body.$.auth[0]['token']}}
            ### login
            POST $SERVER/login
            Content-Type: application/json

            {"user": "${data.project}"}

            ### Use it
            PUT $SERVER/use/{{login.response.status}}?h={{login.response.headers.X-Session}}
            Authorization: Bearer {{token}}
            Content-Type: application/json

            {"again": "{{token}}", "whole": {{login.response.body.$.auth}}, "sent": "{{login.request.body.$.user}}", "short": "{{login.user}}"}
            """
        )
        let got = try body(outcome)
        #expect(got["path"] == "/use/200?h=s-1")
        #expect(got["headers"]?["Authorization"] == "Bearer t\"0k")
        #expect(
            try JSON(parsing: (got["body"]?.string ?? "").utf8) == [
                "again": "t\"0k", "whole": [["token": "t\"0k"]], "sent": "sockshop", "short": "sockshop",
            ]
        )
        #expect(outcome.journal.count == 2)
        #expect(outcome.journal[0].wholeMatch(of: /POST http:\/\/127\.0\.0\.1:\d+\/login 200 \d+ ms \d+ B/) != nil)
        #expect(outcome.journal[1].contains("/use/200 200 "))
        #expect(!outcome.journal[1].contains("h=s-1"))
    }

    @Test("A name may hold dots, and the longest that fits is meant")
    func dottedNames() async throws {
        let outcome = await run(
            """
            # @name api
            GET $SERVER/echo?n=1
            ###
            # @name api.v1.login
            POST $SERVER/login
            ###
            POST $SERVER/echo

            {{api.v1.login.response.status}} {{api.v1.login.response.body.$.n}} {{api.v1.login.user}} {{api.path}}
            """
        )
        #expect(try body(outcome)["body"] == "200 3 nobody /echo?n=1")
        let unknown = await run("# @name a.b\nGET $SERVER/login\n###\nPOST $SERVER/echo\n\n{{a.b.response.body.//n}}")
        #expect(unknown.reason?.contains("XPath") == true)
    }

    @Test(
        "Assertions decide",
        arguments: [
            ("/status/200", "?? status == 200", nil), ("/status/404", "?? status == 404", nil),
            ("/status/200", "?? status == 201", "status == 201 is not so: it is '200'"),
            ("/status/404", "?? body includes status", "HTTP 404"), ("/login", "?? body $.auth[0].token == t\"0k", nil),
            ("/login", "?? body $.auth[0].token == other", "body $.auth[0].token == other is not so: it is 't\"0k'"),
            (
                "/login", "?? body $.auth isArray\n?? body $.n isNumber\n?? body $.n > 2\n?? body $.n <= 3\n?? body $.no isNull",
                nil
            ),
            ("/login", "?? body $.missing exists", "is not so: it is not there"),
            ("/login", "?? header content-type includes json\n?? header X-Session == s-1", nil),
            ("/login", "?? header none exists", "header none exists"), ("/login", "?? duration < 60000\n?? duration >= 0", nil),
            ("/login", "?? duration < 0", "duration < 0"), ("/login", "?? body $.n == 3.0", nil),
            ("/login", "?? body $.n == 0x3", "is not so"),
            ("/login", "?? body $.id == 9007199254740993", nil), ("/login", "?? body $.id == 9007199254740992", "is not so"),
            ("/login", "?? body $.user != \"$UNSET\"", nil),
            ("/login", "?? body $.on isTrue\n?? body $.on isBoolean\n?? body $.user isString", nil),
            ("/login", "?? body $.on isFalse", "isFalse"),
            ("/status/200", "?? body startsWith stat\n?? body endsWith 200", nil),
            ("/status/500", "?? status >= 500\n?? body == other", "body == other"),
            ("/status/200", "?? body $.state != failed", "body $.state != failed is not so: the body is no JSON"),
            ("/status/200", "?? body $.state exists", "body $.state exists is not so: the body is no JSON"),
            ("/login", "?? body $.missing != failed", nil),
            ("/large", "?? body $.state != failed", "is not so: the body was cut"),
            ("/large", "?? body $.state == ok", "is not so: the body was cut"),
        ] as [(String, String, String?)]
    )
    func assertions(path: String, text: String, failure: String?) async {
        let outcome = await run("GET $SERVER\(path)\n\n\(text)\n###\nGET $SERVER/after")
        if let failure {
            #expect(outcome.reason?.contains(failure) == true, "\(outcome.reason ?? "passed")")
            #expect(outcome.reason?.hasSuffix("; the request after it was not sent") == true)
            #expect(outcome.journal.count == 1)
        } else {
            #expect(outcome.reason == nil)
            #expect(outcome.journal.count == 2)
        }
    }

    @Test("A path that names no single value is refused before anything is sent", arguments: ["$.a[*]", "$..a", "//a", "a.b"])
    func assertedPaths(path: String) async {
        let outcome = await run("GET $SERVER/login\n\n?? body \(path) != x")
        #expect(outcome.isErrored)
        #expect(
            outcome.reason?.contains(
                path.hasPrefix("$") ? "line 3: '?? body \(path)': a path names one value" : "line 3: the assertion needs"
            ) == true
        )
        #expect(outcome.journal == [])
    }

    @Test("What @no-log hides, an assertion does not tell", arguments: ["body $.auth[0].token", "header X-Session", "body"])
    func hiddenValues(subject: String) async throws {
        let file = "GET $SERVER/login\n\n?? \(subject) == other"
        let (open, hidden) = (try #require(await run(file).reason), try #require(await run("# @no-log\n" + file).reason))
        #expect(open.contains("t\"0k") || open.contains("s-1") || open.contains("sockshop") || open.contains("auth"))
        #expect(hidden.hasSuffix("\(subject) == ... is not so: it is something else (@no-log)"), "\(hidden)")
        #expect(await run("# @no-log\nGET $SERVER/login\n\n?? status == 201").reason?.contains("it is '200'") == true)
    }

    @Test("An assertion that cannot be checked says so: the request was sent")
    func unknownExpectation() async {
        let outcome = await run("GET $SERVER/login\n\n?? body $.user == {{nope}}")
        #expect(outcome.isErrored)
        #expect(outcome.reason?.hasPrefix("the response cannot be checked: line 3: {{nope}} is not known") == true)
        #expect(outcome.journal.count == 1)
    }

    @Test("A small file cannot become a large request", arguments: ["json", "plain"])
    func size(type: String) async throws {
        let text = String(repeating: "x", count: 1 << 20)
        let often = String(repeating: "{{v}}", count: 10_000)
        let head = "POST $SERVER/echo\nContent-Type: text/\(type)\n\n"
        for file in ["@v = \(text)\n\(head)\(often)", "@v = \(text)\n@w = \(often)\n\(head){{w}}"] {
            #expect(await run(file).reason?.contains("more than 33554432 bytes") == true)
        }
        _ = try directory.write(String(repeating: text, count: 15), to: "tree/genericexecutor/large.txt")
        let outcome = await run(head + String(repeating: "< ./large.txt\n", count: 100))
        #expect(outcome.reason?.contains("the body has more than 33554432 bytes") == true)
    }

    @Test("Very many requests are refused, however they refer to each other")
    func manyRequests() async {
        let file = (0..<100_000).map { "### r\($0)\n# @ref r\($0 + 1)\nGET $SERVER/\n" }.joined()
        let outcome = await run(file)
        #expect(outcome.isErrored)
        #expect(outcome.reason?.contains("100000 requests, more than 1000") == true)
    }

    @Test("An assertion that does not hold fails the step, one that expects a failure passes it; the message says why")
    func verdicts() async throws {
        let workshop = try Workshop()
        try workshop.write("test.triggered.http", "GET http://127.0.0.1:\(server.port)/status/404\n\n?? status == 404\n")
        #expect(try await workshop.run(.sample()).result == .pass)
        try workshop.write("test.triggered.http", "GET http://127.0.0.1:\(server.port)/status/200\n\n?? status == 404\n")
        let outcome = try await workshop.run(.sample())
        #expect(outcome.result == .fail)
        #expect(outcome.message.contains("line 3: status == 404 is not so: it is '200'"))
        #expect(!outcome.message.contains(" ms "))
    }

    @Test("Cookies stay with their server and path, unless the file wants none")
    func cookies() async throws {
        let set = "GET $SERVER/set-cookie\n###\n"
        #expect(try body(await run(set + "GET $SERVER/echo"))["headers"]?["Cookie"] == "a=1; b=2")
        #expect(try body(await run(set + "# @no-cookie-jar\nGET $SERVER/echo"))["headers"]?["Cookie"] == nil)
        #expect(try body(await run("# @no-cookie-jar\n" + set + "GET $SERVER/echo"))["headers"]?["Cookie"] == nil)
        #expect(try body(await run(set + "GET $SERVER/echo\nCookie: own=1"))["headers"]?["Cookie"] == "own=1")
        // A login that answers with a cookie and sends on to the page behind it.
        let login = "GET $SERVER/redirect/cookie"
        #expect(try body(await run(login))["headers"]?["Cookie"] == "session=s1")
        #expect(try body(await run(login + "\n###\nGET $SERVER/echo"))["headers"]?["Cookie"] == "session=s1")
        #expect(try body(await run("# @no-cookie-jar\n" + login))["headers"]?["Cookie"] == nil)
        #expect(try body(await run(login + "\nCookie: own=1"))["headers"]?["Cookie"] == "own=1")
    }

    @Test(
        "A cookie goes where it was set for",
        arguments: [
            ("https://a.example.com/x/y", "k=v", "https://a.example.com/x/z", true),
            ("https://a.example.com/x/y", "k=v", "https://a.example.com/other", false),
            ("https://a.example.com/", "k=v", "https://b.example.com/", false),
            ("https://a.example.com/", "k=v; Domain=example.com", "https://b.example.com/", true),
            ("https://a.example.com/", "k=v; Domain=.example.com", "https://example.com/", true),
            ("https://a.example.com/", "k=v; Domain=com", "https://a.example.com/", false),
            ("https://a.example.com/", "k=v; Domain=other.org", "https://other.org/", false),
            ("https://a.example.com/", "k=v; Secure", "http://a.example.com/", false),
            ("http://a.example.com/", "k=v; Path=/sub", "http://a.example.com/sub/x", true),
            ("http://a.example.com/", "k=v; Path=/sub", "http://a.example.com/subway", false),
            ("http://a.example.com/", "k=v; Max-Age=0", "http://a.example.com/", false),
            ("http://a.example.com/", "k=v; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "http://a.example.com/", false),
            ("http://a.example.com/", "k=v; Expires=Thu, 01-Jan-1970 00:00:10 GMT", "http://a.example.com/", false),
            ("http://a.example.com/", "k=v; Expires=Fri, 01 Jan 2100 00:00:00 GMT", "http://a.example.com/", true),
            ("http://a.example.com/", "k=v; Expires=soon", "http://a.example.com/", true),
            ("http://a.example.com/", "k=v; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "http://a.example.com/", true),
            ("http://a.example.com/", "k=v; Max-Age=0; Expires=Fri, 01 Jan 2100 00:00:00 GMT", "http://a.example.com/", false),
            ("http://a.example.com/", "k=v; Domain=", "http://a.example.com/", true),
            ("http://a.example.com/", "k=v; Domain=.", "http://b.a.example.com/", false),
            ("http://a.example.com/", "k=v\u{1}", "http://a.example.com/", false),
            ("http://a.example.com/", "k\u{7F}=v", "http://a.example.com/", false),
            ("http://a.example.com/", "novalue", "http://a.example.com/", false),
            ("http://a.example.com/", "=v", "http://a.example.com/", false),
            ("http://A.example.com/", "k=v", "http://a.EXAMPLE.com/", true),
            ("http://127.0.0.1/", "k=v; Domain=0.0.1", "http://10.0.0.1/", false),
            ("http://127.0.0.1/", "k=v; Domain=127.0.0.1", "http://127.0.0.1/", true),
            ("http://10.0.0.1/", "k=v; Domain=10.0.0.1", "http://9.10.0.0.1/", false),
            ("http://aexample.com/", "k=v; Domain=example.com", "http://example.com/", false),
        ]
    )
    func cookieRules(set: String, cookie: String, get: String, isSent: Bool) throws {
        let jar = CookieJar()
        jar.store(["Set-Cookie": cookie], from: try HTTPURL(set))
        #expect(jar.header(for: try HTTPURL(get)) == (isSent ? "k=v" : nil))
    }

    @Test func aCookieIsTakenBackByADate() throws {
        let (jar, url) = (CookieJar(), try HTTPURL("http://a.example.com/"))
        jar.store(["Set-Cookie": "k=v; Path=/"], from: url)
        jar.store(["Set-Cookie": "k=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT"], from: url)
        #expect(jar.header(for: url) == nil)
    }

    @Test("A redirect's cookie stays with its host, also where the redirect leads to another one")
    func cookiesOfHosts() async throws {
        let away = "GET $SERVER/redirect/localhost/cookie"
        #expect(try body(await run(away))["headers"]?["Cookie"] == nil)
        #expect(try body(await run("GET $SERVER/set-cookie\n###\n" + away))["headers"]?["Cookie"] == nil)
        #expect(try body(await run(away + "\n###\nGET $SERVER/echo"))["headers"]?["Cookie"] == "session=s1")
    }

    @Test("Files of the folder are included, as they are or filled in; a multipart body arrives whole")
    func files() async throws {
        try directory.write("{\"p\": \"${data.project}\"}", to: "tree/genericexecutor/body.json")
        try directory.write("caf\u{E9}", to: "tree/genericexecutor/sub/text.txt")
        #expect(try body(await run("POST $SERVER/echo\n\n< ./body.json"))["body"] == "{\"p\": \"${data.project}\"}")
        #expect(
            try body(await run("POST $SERVER/echo\nContent-Type: application/json\n\n<@ body.json"))["body"]
                == "{\"p\": \"sockshop\"}"
        )
        #expect(try body(await run("@n = text\nPOST $SERVER/echo\n\n< sub/{{n}}.txt"))["body"] == "caf\u{E9}")
        let multipart = """
            POST $SERVER/echo
            Content-Type: multipart/form-data; boundary=b

            --b
            Content-Disposition: form-data; name="f"; filename="body.json"
            Content-Type: application/json

            <@ ./body.json
            --b
            Content-Disposition: form-data; name="t"

            $TEXT
            --b--
            """
        let expected =
            "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"body.json\"\r\nContent-Type: application/json\r\n\r\n"
            + "{\"p\": \"sockshop\"}\r\n--b\r\nContent-Disposition: form-data; name=\"t\"\r\n\r\nfree \"text\"\r\n--b--\r\n"
        #expect(try body(await run(multipart, variables: ["TEXT": "free \"text\""]))["body"] == .string(expected))
    }

    @Test(
        "Files outside of the folder's tree, and what is no file, are refused",
        arguments: ["/etc/passwd", "../../secret", "./missing", "link-out", "sub", "~/x", "sub/../../../secret", "pipe"]
    )
    func outside(path: String) async throws {
        try directory.write("secret", to: "secret")
        try directory.write("x", to: "tree/genericexecutor/sub/x")
        symlink("\(directory.path)/secret", "\(directory.path)/tree/genericexecutor/link-out")
        mkfifo("\(directory.path)/tree/genericexecutor/pipe", 0o600)
        let outcome = await run("POST $SERVER/echo\n\n< \(path)")
        #expect(outcome.isErrored)
        #expect(outcome.reason?.contains("line 3: the file \(path)") == true)
        #expect(outcome.journal == [])
    }

    @Test(
        "Functions and variables",
        arguments: [
            ("{{$guid}}", #"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"#), ("{{$uuid}}", "[0-9a-f-]{36}"),
            ("{{$random.uuid}}", "[0-9a-f-]{36}"),
            ("{{$timestamp}}", #"1[0-9]{9}|2[0-9]{9}"#), ("{{$timestamp -1 d}}", "[0-9]{10}"),
            ("{{ $timestamp 2 h }}", "[0-9]{10}"),
            ("{{$isoTimestamp}}", #"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"#), ("{{$randomInt 5 6}}", "5"),
            ("{{$randomInt -3 -2}}", "-3"),
            ("{{$datetime iso8601}}", #"20\d\d-.*Z"#),
            ("{{$datetime rfc1123}}", #"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} 20\d\d .* GMT"#),
            ("{{$datetime \"YYYY/MM/DD HH:mm\" 1 d}}", #"20\d\d/\d\d/\d\d \d\d:\d\d"#), ("{{$localDatetime 'DD'}}", #"\d\d"#),
            ("{{$processEnv SHOWN}}", "yes"), ("{{$processEnv %shown}}", "yes"), ("{{$dotenv KEY}}", "dot"),
            ("{{a}}", "1 sockshop"), (#"\{{a}}"#, #"\{\{a\}\}"#),
            ("{{same}}{{same}}", #"([0-9a-f-]{36})\1"#),
        ]
    )
    func functions(text: String, pattern: String) async throws {
        let outcome = await run("@a = 1 ${data.project}\n@same = {{$guid}}\nPOST $SERVER/echo\n\n\(text)")
        let sent = try #require(try body(outcome)["body"]?.string)
        #expect(try sent.wholeMatch(of: Regex(pattern)) != nil, "\(sent)")
    }

    @Test(
        "What is not known is named, and nothing is sent",
        arguments: [
            ("{{nope}}", "{{nope}} is not known"), ("{{$nope}}", "no function"), ("{{$processEnv NOPE}}", "not among"),
            ("{{$dotenv NOPE}}", "not in the .env"),
            ("{{$randomInt 6 5}}", "two numbers"), ("{{$timestamp soon}}", "offset"),
            ("{{later.response.status}}", "is not known"), ("{{$datetime}}", "needs"),
            ("{{$timestamp -9223372036854775808 ms}}", "offset"), ("{{$timestamp 9223372036854775807 y}}", "offset"),
            ("{{later.response.body.//token}}", "XPath"), ("{{later.response.body.$.a[*]}}", "wildcards"),
            ("{{ring}}", "made of itself"), ("{{bomb}}", "bytes"),
        ]
    )
    func unknown(text: String, reason: String) async {
        let bomb =
            "@b0 = \(String(repeating: "x", count: 1_000))\n"
            + (1...30).map { "@b\($0) = {{b\($0 - 1)}}{{b\($0 - 1)}}\n" }.joined() + "@bomb = {{b30}}\n"
        let outcome = await run(
            "@ring = {{gnir}}\n@gnir = {{ring}}\n\(bomb)POST $SERVER/echo\n\n\(text)\n###\n# @name later\nGET $SERVER/echo"
        )
        #expect(outcome.isErrored)
        #expect(outcome.reason?.contains(reason) == true, "\(outcome.reason ?? "")")
        #expect(outcome.journal == [])
    }

    @Test("A hostile value stays a value in every slot, also in a part's header and after a file variable")
    func hostile() async throws {
        let outcome = await run(
            "@v = ${data.evil}\nPOST $SERVER/echo\nContent-Type: application/json\n\n{\"a\": \"{{v}}\", \"b\": {{v}}}"
        )
        let sent = try JSON(parsing: (try body(outcome)["body"]?.string ?? "").utf8)
        #expect(sent["a"] == "x\"}\r\n--b--\r\n{{token}}$SERVER")
        #expect(sent["a"] == sent["b"])
        let header =
            "POST $SERVER/echo\nContent-Type: multipart/form-data; boundary=b\n\n--b\nContent-Disposition: form-data; name=\"${data.evil}\"\n\nx\n--b--"
        #expect(await run(header).reason?.contains("the header of a part cannot hold") == true)
        let quote =
            "POST $SERVER/echo\nContent-Type: multipart/form-data; boundary=other\n\n--other\nContent-Disposition: form-data; name=\"${data.evil}\"\n\nx\n--other--"
        #expect(await run(quote).reason?.contains("the header of a part cannot hold") == true)
        let content =
            "POST $SERVER/echo\nContent-Type: multipart/form-data; boundary=other\n\n--other\nContent-Disposition: form-data; name=\"n\"\n\n${data.evil}\n--other--"
        #expect(
            try body(await run(content))["body"]?.string?.contains("\r\n\r\nx\"}\r\n--b--\r\n{{token}}$SERVER\r\n--other--")
                == true
        )
    }

    @Test("@disabled is passed over, @ref is sent before, @sleep waits, @no-log hides the body")
    func tags() async throws {
        let outcome = await run(
            "# @disabled\nGET $SERVER/first\n### second\n# @ref third\n# @sleep 50\n# @no-log\nGET $SERVER/second\n### third\nGET $SERVER/third"
        )
        #expect(outcome.journal.map { $0.split(separator: " ")[1].split(separator: "/").last } == ["third", "second"])
        #expect(outcome.output == "")
        #expect(outcome.body != [])
        #expect(await run("# @disabled\nGET $SERVER/first").reason?.contains("disabled") == true)
    }

    @Test("Cancelling ends a pause, and the time limit holds for all requests together")
    func limits() async {
        let task = Task { await run("# @sleep 60 s\nGET $SERVER/x") }
        task.cancel()
        #expect(await task.value.ending == .cancelled)
        let outcome = await run("GET $SERVER/echo\n###\n# @sleep 60 s\nGET $SERVER/x", within: .milliseconds(500))
        guard case .timedOut = outcome.ending else {
            Issue.record("\(outcome)")
            return
        }
    }

    @Test("A body that is no text is told by its size, and is a result all the same")
    func binary() async {
        let outcome = await run("GET $SERVER/binary")
        #expect(outcome.output == "4 bytes of image/png\n")
        #expect(outcome.body == [0x89, 0x50, 0xFF, 0x00])
    }

    @Test(
        "JSON paths",
        arguments: [
            ("$.a", "1"), ("$.b.c[0]", "x"), ("$.b.c[-1]", "y"), ("$['b']['c'][1]", "y"), ("$.b[\"c d\"]", "z"), ("$.none", nil),
            ("$.b.c[9]", nil), ("$.b.c[-3]", nil),
            ("$.a.b", nil), ("$", "{\"a\":1,\"b\":{\"c\":[\"x\",\"y\"],\"c d\":\"z\"}}"), ("a", nil), ("$.b.*", nil),
            ("$..c", nil), ("$.b.c[*]", nil), ("$.b.c[0:1]", nil), ("$.", nil), ("$[", nil), ("$.b.c[", nil), ("$x", nil),
        ] as [(String, String?)]
    )
    func jsonPaths(path: String, expected: String?) {
        let json: JSON = ["a": 1, "b": ["c": ["x", "y"], "c d": "z"]]
        let value = JSONPath(path).flatMap { $0.value(in: json) }
        #expect(value.map { $0.number?.plainText ?? $0.scalarText ?? $0.text } == expected)
    }

    @Test(
        "Dates as they are written",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"), (1_582_988_645_007, "2020-02-29T15:04:05.007Z"),
        ] as [(Int64, String)]
    )
    func dates(milliseconds: Int64, expected: String) {
        #expect(DateText.iso8601(milliseconds) == expected)
    }
}
