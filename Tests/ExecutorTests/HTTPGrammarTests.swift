import TestSupport
import Testing

@testable import Executor

/// What other clients' files look like, and what is read from them.
struct HTTPGrammarTests {
    private func file(_ text: String) throws -> HTTPFile { try HTTPFile(parsing: Array(text.utf8)) }

    /// `METHOD URL` of each request.
    private func requests(_ text: String) throws -> [String] {
        try file(text).requests.map { "\($0.method.text) \($0.url.text)" }
    }

    @Test(
        "Requests are parted by ###",
        arguments: [
            ("GET https://a\n###\nGET https://b", ["GET https://a", "GET https://b"]),
            ("###\nGET https://a\n###\n", ["GET https://a"]), ("### x\n\n### y\nGET https://a", ["GET https://a"]),
            (
                "GET https://a\n\n### next\n\nhttps://b\n\n###\n\n###\nPUT https://c\n",
                ["GET https://a", "GET https://b", "PUT https://c"]
            ),
            ("GET https://a\r\n###\r\nPOST https://b\r\n\r\nx\r\n###", ["GET https://a", "POST https://b"]),
            ("GET https://a\nA: b\n\n{\n\"x\": 1\n}\n\n\n####\nGET https://b", ["GET https://a", "GET https://b"]),
            ("### only\n# a comment\n@x = 1\n### one\nGET https://a", ["GET https://a"]),
            ("GET https://a\n\n###DELETE https://b", ["GET https://a"]),
        ]
    )
    func separators(text: String, expected: [String]) throws { #expect(try requests(text) == expected) }

    @Test(
        "Names and titles",
        arguments: [
            ("# @name login\nGET https://a", "login", nil), ("// @name log-in_2\nGET https://a", "log-in_2", nil),
            ("### login\nGET https://a", "login", "login"), ("### Log in first\nGET https://a", nil, "Log in first"),
            ("### Log in\n# @name login\nGET https://a", "login", "Log in"), ("# @title T t\nGET https://a", nil, "T t"),
            ("GET https://a\n# @name late\nA: b", "late", nil), ("#@name tight\nGET https://a", "tight", nil),
            ("GET https://a", nil, nil),
            ("### 1st\nGET https://a", nil, "1st"),
        ] as [(String, String?, String?)]
    )
    func names(text: String, name: String?, title: String?) throws {
        let request = try file(text).requests[0]
        #expect(request.name == name)
        #expect(request.title == title)
    }

    @Test(
        "Tags",
        arguments: [
            ("@no-redirect", HTTPTags(followsRedirects: false)), ("@no-cookie-jar", HTTPTags(usesCookies: false)),
            ("@no-log", HTTPTags(isLogged: false)), ("@disabled", HTTPTags(isDisabled: true)),
            ("@follow-up", HTTPTags(allowsFollowUp: true)),
            ("@timeout 5 s", HTTPTags(timeout: .seconds(5))), ("@timeout 5", HTTPTags(timeout: .seconds(5))),
            ("@timeout 500 ms", HTTPTags(timeout: .milliseconds(500))), ("@timeout 2 m", HTTPTags(timeout: .seconds(120))),
            ("@connection-timeout 2 s", HTTPTags(connectTimeout: .seconds(2))), ("@ref login", HTTPTags(references: ["login"])),
            ("@forceRef login", HTTPTags(references: ["login"])), ("@sleep 500", HTTPTags(pause: .milliseconds(500))),
            ("@sleep 2 s", HTTPTags(pause: .seconds(2))), ("@compat generic-executor", HTTPTags(dropsCommentsInBody: true)),
            ("@note anything", HTTPTags()), ("@description what it does", HTTPTags()), ("@prompt x", HTTPTags()),
            ("a comment", HTTPTags()),
            ("@compat other", HTTPTags()), ("@disabled false", HTTPTags()),
        ]
    )
    func tags(tag: String, expected: HTTPTags) throws {
        #expect(try file("# \(tag)\nGET https://a").requests[0].tags == expected)
        #expect(try file("GET https://a\n// \(tag)\nA: b").requests[0].tags == expected)
        #expect(
            try file("# \(tag)\nGET https://a\n###\nGET https://b").requests[1].tags.dropsCommentsInBody
                == expected.dropsCommentsInBody
        )
    }

    @Test(
        "Variables, wherever they stand",
        arguments: [
            ("@a = 1\nGET https://h", ["a=1"]), ("@a=1\n@b = x y \nGET https://h", ["a=1", "b=x y"]),
            ("GET https://h\n###\n@late = {{a}}/x\nGET https://i", ["late={{a}}/x"]), ("@a.b = 1\nGET https://h", ["a.b=1"]),
            ("@url = https://h?a=b\nGET {{url}}", ["url=https://h?a=b"]), ("GET https://h\n\n@after = 1\n", ["after=1"]),
            ("@lazy := 1\nGET https://h", ["lazy=1"]), ("@empty =\nGET https://h", ["empty="]), ("@1x = 1\nPOST https://h", []),
        ].filter { !$0.0.hasPrefix("@1x") }
    )
    func variables(text: String, expected: [String]) throws {
        #expect(try file(text).variables.map { "\($0.name)=\($0.value.text)" } == expected)
    }

    @Test(
        "A URL that is only a path goes to the Host header's server",
        arguments: [
            ("GET /a/b?c=d\nHost: example.com", "http://example.com/a/b?c=d"),
            ("GET /\nHost: example.com:8080", "http://example.com:8080/"),
            ("POST /x HTTP/1.1\nAccept: */*\nhost: example.com:443", "https://example.com:443/x"),
            ("/x\nHost: h:8443", "https://h:8443/x"),
            ("GET /a\n  ?b=1\nHost: {{host}}", "http://{{host}}/a?b=1"), ("GET https://h/\nHost: other", "https://h/"),
        ]
    )
    func hostHeader(text: String, url: String) throws { #expect(try file(text).requests[0].url.text == url) }

    private static func describe(_ part: HTTPTemplate.BodyPart) -> String {
        switch part {
        case .text(let text): text.text
        case .file(let path): "<file \(path.text)>"
        case .filledFile(let path, let encoding): "<filled \(encoding ?? "") \(path.text)>"
        }
    }

    @Test(
        "Bodies with files, forms and parts",
        arguments: [
            ("\n< ./a.json", ["<file ./a.json>"], HTTPTemplate.BodyKind.raw), ("\n<@ ./a.json\n", ["<filled  ./a.json>"], .raw),
            ("\n<@latin1 a b.txt", ["<filled latin1 a b.txt>"], .raw), ("\n<\t./a", ["<file ./a>"], .raw),
            ("\nbefore\n< ./a\nafter\n", ["before\n", "<file ./a>", "\nafter"], .raw),
            ("\n< ./a\n< ./b", ["<file ./a>", "\n", "<file ./b>"], .raw),
            ("Content-Type: application/json\n\n< ./a.json", ["<file ./a.json>"], .json),
            ("\n<a>< b</a>", ["<a>< b</a>"], .raw), ("\n<?xml?>\n<a/>", ["<?xml?>\n<a/>"], .raw),
            ("Content-Type: application/x-www-form-urlencoded\n\na=1\n  &b=2\n\n&c=3", ["a=1&b=2&c=3"], .form),
            (
                "Content-Type: multipart/form-data; boundary=x\n\n--x\nContent-Disposition: form-data; name=\"f\"\n\n< ./f.bin\n--x--\n",
                ["--x\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n", "<file ./f.bin>", "\r\n--x--"], .multipart
            ),
            ("Content-Type: text/plain\n\n// kept\n# kept", ["// kept\n# kept"], .raw),
            ("\n{\n  // kept: it may be a URL\n# dropped\n}", ["{\n  // kept: it may be a URL\n}"], .json),
            ("\n{{whole}}", ["{{whole}}"], .raw), ("Content-Type: application/json\n\n{{whole}}", ["{{whole}}"], .json),
            ("\none\n\n\ntwo\n\n\n", ["one\n\n\ntwo"], .raw), ("\n\n\n", [], .raw), ("", [], .raw),
        ]
    )
    func bodies(text: String, expected: [String], kind: HTTPTemplate.BodyKind) throws {
        let request = try file("POST https://h/\n" + text).requests[0]
        #expect(request.body.map(Self.describe) == expected)
        #expect(request.bodyKind == kind)
    }

    @Test(
        "Assertions",
        arguments: [
            ("status == 200", HTTPAssertion.Subject.status, HTTPAssertion.Relation.equal, "200"),
            ("status < 300", .status, .less, "300"),
            ("status", .status, .exists, ""), ("header content-type includes json", .header("content-type"), .includes, "json"),
            ("header X exists", .header("X"), .exists, ""),
            ("body includes hello world", .body(path: nil), .includes, "hello world"),
            ("body $.a.b == x y", .body(path: "$.a.b"), .equal, "x y"),
            ("body $.a[0] isNumber", .body(path: "$.a[0]"), .isNumber, ""),
            ("body == \"quoted\"", .body(path: nil), .equal, "quoted"), ("body $.a == ''", .body(path: "$.a"), .equal, ""),
            ("duration <= 500", .duration, .lessOrEqual, "500"),
            ("body $.t startsWith {{x}}", .body(path: "$.t"), .startsWith, "{{x}}"),
            ("status != 404", .status, .notEqual, "404"), ("body $ isArray", .body(path: "$"), .isArray, ""),
        ]
    )
    func assertions(text: String, subject: HTTPAssertion.Subject, relation: HTTPAssertion.Relation, expected: String) throws {
        for place in ["GET https://h\n?? \(text)", "GET https://h\nA: b\n\n?? \(text)", "POST https://h\n\nbody\n\n?? \(text)\n"]
        {
            let assertions = try file(place).requests[0].assertions
            #expect(assertions.map(\.subject) == [subject])
            #expect(assertions.map(\.relation) == [relation])
            #expect(assertions.map(\.expected.text) == [expected])
        }
    }

    @Test(
        "Scripts and response files of other clients are skipped and told of",
        arguments: [
            "GET https://h\n\n> {%\n client.test('x', function() {});\n%}\n", "GET https://h\n\n> ./handler.js\n",
            "< {% x %}\nGET https://h",
            "< ./pre.js\nGET https://h", "GET https://h\n\n<> ./previous.json\n", "GET https://h\n\n>> out.json\n",
            "GET https://h\n\n>>! out.json\n",
        ]
    )
    func scripts(text: String) throws {
        let file = try file(text)
        #expect(file.requests.map(\.url.text) == ["https://h"])
        #expect(file.requests[0].body == [])
        #expect(file.warnings.count == 1)
    }

    @Test(
        "What cannot be sent is an error with its line",
        arguments: [
            ("", nil, "no request"), ("###\n\n# only comments\n", nil, "no request"), ("GET", 1, "no URL"),
            ("\nGET ", 2, "no URL"),
            ("GRAPHQL https://h", 1, "not supported"), ("\n\nWEBSOCKET wss://h", 3, "not supported"),
            ("GRPC h/x", 1, "not supported"),
            ("GET /x", 1, "no Host header"), ("GET https://h\nA b: c", 2, "neither a header"),
            ("# @timeout soon\nGET https://h", 1, "@timeout"),
            ("# @sleep x\nGET https://h", 1, "@sleep"), ("# @name two words\nGET https://h", 1, "@name"),
            ("# @ref\nGET https://h", 1, "@ref"),
            ("GET https://h\n?? statuss == 1", 2, "not known"), ("GET https://h\n?? status ~ 1", 2, "no relation"),
            ("GET https://h\n?? header", 2, "name of a header"),
            ("GET https://h\n?? status <", 2, "needs a value"), ("POST https://h\n\n<@utf7 ./x", 3, "encoding"),
            ("POST https://h\n\n<@", 3, "needs its name"),
            ("GET https://h\n?? js x == 1", 2, "not known"),
        ] as [(String, Int?, String)]
    )
    func errors(text: String, line: Int?, reason: String) {
        let error = #expect(throws: HTTPFileError.self) { try file(text) }
        #expect(error?.line == line)
        #expect(error?.reason.contains(reason) == true)
    }

    @Test(
        "Requests are sent after those they refer to, each once, disabled ones only if somebody needs them",
        arguments: [
            (["a:", "b:"], ["a", "b"]), (["a:b", "b:"], ["b", "a"]), (["a:b", "b:c", "c:"], ["c", "b", "a"]),
            (["a:", "b:a", "c:a,b"], ["a", "b", "c"]),
            (["-a:", "b:"], ["b"]), (["-a:", "b:a"], ["a", "b"]),
        ]
    )
    func order(requests: [String], expected: [String]) throws {
        let text = requests.map { request in
            let parts = request.split(separator: ":", omittingEmptySubsequences: false)
            let references = parts[1].split(separator: ",").map { "# @ref \($0)\n" }.joined()
            let isDisabled = parts[0].hasPrefix("-")
            return "###\n# @name \(parts[0].drop { $0 == "-" })\n\(isDisabled ? "# @disabled\n" : "")\(references)GET https://h\n"
        }.joined()
        let file = try file(text)
        #expect(try file.sendOrder().map { file.requests[$0].name } == expected)
    }

    @Test(
        "References to nothing, and in a ring, are errors",
        arguments: [
            "# @ref x\nGET https://h", "# @name a\n# @ref a\nGET https://h",
            "###\n# @name a\n# @ref b\nGET https://h\n###\n# @name b\n# @ref a\nGET https://h",
        ]
    )
    func badReferences(text: String) throws {
        let file = try file(text)
        #expect(throws: HTTPFileError.self) { try file.sendOrder() }
    }
}
