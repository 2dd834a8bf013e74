import Basics
import CloudEvents
import Curl
import TestSupport
import Testing

@testable import Executor

@Suite struct HTTPSubstitutionTests {
    private static let event: JSON = [
        "type": "sh.keptn.event.test.triggered", "source": "shipyard",
        "data": [
            "project": "sockshop", "count": 3, "ok": true, "none": .null, "list": [["name": "first"], "b"],
            "object": ["k": "v\""],
            "evil": "\"},\r\nX: \"$PROJECT",
        ],
    ]

    private static func values(_ more: [String: String] = [:]) -> PlaceholderValues {
        let variables = [
            "PROJECT": "sockshop", "STAGE": "dev", "DEPLOYMENT": "direct", "DEPLOYMENTURILOCAL": "http://carts.dev:8080/base",
            "LABEL_gitcommit": "abc123", "TIMESTRING": "then", "LABEL_two words": "two", "LABEL_a-b": "dash", "EMPTY": "",
            "NESTED": "$PROJECT ${data.project} {{STAGE}}",
        ]
        let environment = ["host": "h.example", "secret": "s"]
        return PlaceholderValues(variables: variables.merging(more) { $1 }, event: event, environment: environment)
    }

    private func fill(_ file: String, _ more: [String: String] = [:]) throws -> (request: HTTPRequest, warnings: [String]) {
        let file = try HTTPFile(parsing: Array(file.utf8))
        var scanner = PlaceholderScanner(Self.values(more), variables: file.variables)
        let request = try file.requests[0].filled(&scanner) { path throws(HTTPFileError) in Array("<\(path.text)>".utf8) }
        return (request, scanner.warnings)
    }

    private func body(_ text: String, type: String = "text/plain", _ more: [String: String] = [:]) throws -> String {
        String(decoding: try fill("POST https://h/\nContent-Type: \(type)\n\n\(text)", more).request.body, as: UTF8.self)
    }

    @Test(
        "Names, paths and what stays as it is",
        arguments: [
            ("$PROJECT", "sockshop"), ("$PROJECT_$STAGE", "sockshop_dev"), ("$PROJECTS", "sockshopS"),
            ("$DEPLOYMENT|$DEPLOYMENTURILOCAL", "direct|http://carts.dev:8080/base"),
            ("$LABEL_gitcommit $LABEL_GITCOMMIT", "abc123 abc123"), ("$LABEL_a-b", "dash"), ("$LABEL_two words", "two"),
            ("$project $label_gitcommit", "$project $label_gitcommit"), ("$UNKNOWN", "$UNKNOWN"), ("$EMPTY.", "."),
            ("$ 5$ $$ $1 $", "$ 5$ $$ $1 $"), ("$$PROJECT", "$sockshop"),
            ("${data.project} ${type}", "sockshop sh.keptn.event.test.triggered"),
            ("${data.count} ${data.ok} ${data.none}", "3 true null"),
            ("${data.list[0].name} ${data.list[1]}", "first b"), ("${data.object}", #"{"k":"v\""}"#),
            ("${data.Project} ${nope}", "${data.Project} ${nope}"),
            ("${timestring} ${env.HOST} ${env.nope}", "then h.example ${env.nope}"),
            ("{{PROJECT}} {{ STAGE }}", "sockshop dev"), (#"\{{PROJECT}}"#, "{{PROJECT}}"), ("{{PROJECT", "{{PROJECT"),
            ("${data.project", "${data.project"), ("$NESTED", "$PROJECT ${data.project} {{STAGE}}"),
        ]
    )
    func lookup(text: String, expected: String) throws { #expect(try body(text) == expected) }

    @Test(
        "What stays as it is, or may be meant otherwise, is told of",
        arguments: [
            ("$UNKNOWN", true), ("${nope}", true), ("$PROJECTS", true), ("$PROJECT_$STAGE", false), ("$ $1 $$", false),
        ]
    )
    func warnings(text: String, isToldOf: Bool) throws {
        #expect(try fill("POST https://h/\n\n\(text)").warnings.isEmpty == !isToldOf)
    }

    @Test(
        "An unknown {{name}} is an error, wherever it stands",
        arguments: ["GET https://{{x}}/", "GET https://h/\nA: {{x}}", "GET https://h/\n\n{{x}}"]
    )
    func unknownName(file: String) {
        let error = #expect(throws: HTTPFileError.self) { try fill(file) }
        #expect(error?.description.contains("{{x}}") == true)
    }

    @Test(
        "Values in a URL",
        arguments: [
            ("$URL", "https://h/a?b=c#d", "https://h/a?b=c#d"), ("$URL/health", "http://h:8080", "http://h:8080/health"),
            ("$URL://h/", "https", "https://h/"), ("http://$URL/x", "carts.dev:8080", "http://carts.dev:8080/x"),
            ("http://api.$URL.example/", "a-1", "http://api.a-1.example/"), ("http://$URL:8080/", "[::1]", "http://[::1]:8080/"),
            ("http://me:$URL@h/", "p@s/s:%", "http://me:p%40s%2Fs%3A%25@h/"),
            ("http://h/$URL/x", "a b/c?d#e", "http://h/a%20b/c%3Fd%23e/x"), ("http://h/$URL", "50%", "http://h/50%25"),
            ("http://h/$URL", "a%20b", "http://h/a%20b"), ("http://h/v$URL", "1.2..3", "http://h/v1.2..3"),
            ("http://h/?q=$URL", "a&b=c#d+e f=g", "http://h/?q=a%26b=c%23d%2Be%20f=g"),
            ("http://h/?q=$URL", "über/?x", "http://h/?q=%C3%BCber/?x"), ("http://h?q=$URL", "&", "http://h?q=%26"),
            ("http://h/a b/ü{x}?y=z|", "", "http://h/a%20b/%C3%BC%7Bx%7D?y=z%7C"), ("http://h/#$URL", "a#b", "http://h/#a%23b"),
        ]
    )
    func urls(url: String, value: String, expected: String) throws {
        #expect(try fill("GET \(url)", ["URL": value]).request.url == expected)
    }

    @Test(
        "Values that would change what the URL means are refused, and not shown",
        arguments: [
            ("$X/path", "h.example"), ("$X", "file:///etc/secret"), ("$X", "javascript:secret"), ("$X", ""),
            ("$UNKNOWN/x", "secret"),
            ("http://$X/", "h/secret"), ("http://$X/", "good@secret"), ("http://$X/", "h?secret"), ("http://$X/", "h#secret"),
            ("http://$X.good.example/", "secret/"), ("http://$X/", #"h\secret"#), ("http://$X/", "h secret"),
            ("http://$X/", "h%2f"),
            ("http$X://h/", "s"), ("http://h/$X", "../secret"), ("http://h/a/$X/b", ".."), ("http://h/$X", "%2e%2E/secret"),
            ("http://h/$X", "a%2f..%2fsecret"), ("http://h/$X", #"a\..\secret"#), ("http://h/.$X/", "."), ("http://h/$X$X", "."),
            ("http://h/$X?q", "a/./secret"),
            ("http://h/$X", "a\r\nsecret: x"), ("http://h/?$X", "a\nsecret"), ("http://h/$X", "secret\0"),
            ("http://$X/", "h\tsecret"),
            ("$X", "http://h/\r\nsecret"), ("/path", ""), ("h.example/", ""),
        ]
    )
    func refusedURLs(url: String, value: String) throws {
        let error = #expect(throws: HTTPFileError.self) { try fill("GET \(url)", ["X": value]) }
        #expect(error?.description.contains("secret") == false)
    }

    @Test("An empty host does not make a host of the path", arguments: ["http://$EMPTY/evil.example/x", "http://$EMPTY:80/"])
    func emptyHost(url: String) async throws {
        let request = try fill("GET \(url)").request
        let error = await #expect(throws: HTTPClientError.self) {
            try await HTTPClient().send(request, deadline: .after(.seconds(30)))
        }
        #expect(error?.kind == .invalidURL)
    }

    @Test(
        "Nothing that a value holds adds a header",
        arguments: ["X: $X", "X: a $X b", "X-$X: y", "X: $DATA"],
        ["a\r\nY: secret", "a\nsecret", "a\rsecret", "secret\0"]
    )
    func headerInjection(header: String, value: String) {
        let error = #expect(throws: HTTPFileError.self) { try fill("GET https://h/\n\(header)", ["X": value, "DATA": value]) }
        #expect(error?.description.contains("secret") == false)
    }

    @Test func aMethodAndAHeadersNameTakeTokensOnly() throws {
        #expect(try fill("$M https://h/", ["M": "PATCH"]).request.method == "PATCH")
        #expect(throws: HTTPFileError.self) { try fill("$M https://h/", ["M": "GET /x"]) }
        #expect(throws: HTTPFileError.self) { try fill("$M https://h/", ["M": ""]) }
        #expect(try fill("GET https://h/\nX-$STAGE: a:$PROJECT").request.headers.fields == [.init("X-dev", "a:sockshop")])
        #expect(throws: HTTPFileError.self) { try fill("GET https://h/\nX-$V: y", ["V": "a: b"]) }
    }

    @Test(
        "Values in JSON",
        arguments: [
            (#"{"a": "$V"}"#, #"x"y\z"#, #"{"a": "x\"y\\z"}"#), (#"{"a": "$V"}"#, "l\nm\0", "{\"a\": \"l\\nm\\u0000\"}"),
            (#"{"a": "$V"}"#, #"", "admin": true, "b": ""#, #"{"a": "\", \"admin\": true, \"b\": \""}"#),
            (#"{"a": $V}"#, "1.50", #"{"a": 1.50}"#), (#"{"a": $V}"#, "true", #"{"a": true}"#),
            (#"{"a": $V}"#, "null", #"{"a": null}"#),
            (#"{"a": $V}"#, "text", #"{"a": "text"}"#), (#"{"a": $V}"#, "", #"{"a": ""}"#),
            (#"{"a": $V}"#, "01", #"{"a": "01"}"#),
            (#"{"a": $V}"#, #"1, "admin": true"#, #"{"a": "1, \"admin\": true"}"#), (#"{"a": $V}"#, "{}", #"{"a": "{}"}"#),
            (#"{"a": $V}"#, "[1]", #"{"a": "[1]"}"#), (#"{"a": "\"$V"}"#, "x", #"{"a": "\"x"}"#),
            (#"{"a": "\\$V"}"#, "n", #"{"a": "\\n"}"#), (#"{"a": "\$V"}"#, "\"", #"{"a": "\\\""}"#),
            (#"{"a": ${data.object}, "b": "${data.object}"}"#, "", #"{"a": {"k":"v\""}, "b": "{\"k\":\"v\\\"\"}"}"#),
            (#"{"a": ${data.list}, "n": ${data.count}}"#, "", #"{"a": [{"name":"first"},"b"], "n": 3}"#),
            (#"{"$V": "${data.evil}"}"#, "k", #"{"k": "\"},\r\nX: \"$PROJECT"}"#),
        ]
    )
    func json(text: String, value: String, expected: String) throws {
        #expect(try body(text, type: "application/json", ["V": value]) == expected)
    }

    @Test func formFieldsAreEncoded() throws {
        let type = "application/x-www-form-urlencoded"
        #expect(
            try body("a=$V\n&b=$PROJECT", type: type, ["V": "x&admin=1+2 %20/ü\n"])
                == "a=x%26admin%3D1%2B2+%2520%2F%C3%BC%0A&b=sockshop"
        )
    }

    @Test("JSON stays JSON, and keeps its members, whatever the values are", arguments: [UInt64(1), 2, 3])
    func fuzz(seed: UInt64) throws {
        var fuzzer = Fuzzer(seed: seed)
        let tokens = ["\"", "\\", "\\\"", "}", "{", ",", ":", "\n", "\0", "$V", "${type}", "{{V}}", "é", "\u{2028}", "/*"]
        for round in 0..<1500 {
            let value = String(decoding: fuzzer.mutate(Array(#"a"b\c"#.utf8), tokens: tokens), as: UTF8.self)
            let text = try body(#"{"in": "x${data.project}$V", "out": $V, "last": 1}"#, type: "application/json", ["V": value])
            let json = try #require(try? JSON(parsing: text.utf8), "seed \(seed), round \(round): \(text)")
            #expect(json.object?.keys == ["in", "out", "last"], "seed \(seed), round \(round)")
            #expect(json["in"] == .string("xsockshop" + value), "seed \(seed), round \(round)")
            if let url = try? fill("GET http://h.example:80/a/$V/b?c=$V&d=1", ["V": value]).request.url {
                // The first `?` is the author's, and so is the query's only `&`.
                let parts = url.split(separator: "?", maxSplits: 1)
                #expect(parts[0].hasPrefix("http://h.example:80/a/") && parts[0].hasSuffix("/b"), "seed \(seed), round \(round)")
                #expect(parts[1].hasPrefix("c=") && parts[1].hasSuffix("&d=1"), "seed \(seed), round \(round)")
                #expect(parts[1].utf8.count { $0 == UInt8(ascii: "&") } == 1, "seed \(seed), round \(round)")
            }
        }
    }
}
