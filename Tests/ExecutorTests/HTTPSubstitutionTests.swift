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

    /// The files that can be included, by their paths.
    private static func files(_ path: HTTPTemplate.Text) throws(HTTPFileError) -> [UInt8] {
        switch path.text {
        case "./plain.txt": Array("a $PROJECT\r\nb\n".utf8)
        case "./sockshop.json": Array(#"{"p": "$EVIL", "q": $EVIL}"#.utf8)
        case "./latin1.txt": [0x63, 0x61, 0x66, 0xE9]
        case "./delimiter.txt": Array("x\r\n--b\r\n".utf8)
        default: throw HTTPFileError("no file \(path.text)", line: path.line)
        }
    }

    private func fill(_ file: String, _ more: [String: String] = [:]) throws -> (request: HTTPRequest, warnings: [String]) {
        var scanner = PlaceholderScanner(Self.values(more))
        let request = try HTTPFile(parsing: Array(file.utf8)).requests[0].filled(&scanner, including: Self.files)
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
            ("http://h/$URL", "a;b=..", "http://h/a;b=.."),
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
            ("http://h/$X", "..;/secret"), ("http://h/a/$X/b", "..;x=y"), ("http://h/$X", "%2e.%3Bsecret/b"),
            ("http://h/$X/b", ".;"),
            ("http://h/..$X/b", ";secret"), ("http://h/$X", "a\r\nsecret: x"), ("http://h/?$X", "a\nsecret"),
            ("http://h/$X", "secret\0"),
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

    private static let multipart = "multipart/form-data; boundary=b"

    @Test(
        "Values in multipart bodies",
        arguments: [
            ("--b\nA: \"$V\"\n\n$V\n--b--", "x", "--b\r\nA: \"x\"\r\n\r\nx\r\n--b--\r\n"),
            ("--b\n\n$V\n--b--", "a\nb\r\n\r\n--c", "--b\r\n\r\na\nb\r\n\r\n--c\r\n--b--\r\n"),
            (
                "--b\nA: f; name=\"$V\"\n\n--b--", #"a"; filename="\b"#,
                "--b\r\nA: f; name=\"a%22; filename=%22%5Cb\"\r\n\r\n--b--\r\n"
            ),
            ("--b\nContent-Type: $V\n\n--b--", "a/b; c=d", "--b\r\nContent-Type: a/b; c=d\r\n\r\n--b--\r\n"),
            ("--b\n\n< ./plain.txt\n--b--", "", "--b\r\n\r\na $PROJECT\r\nb\n\r\n--b--\r\n"),
            ("--b\n\n<@ ./plain.txt\n--b--", "", "--b\r\n\r\na sockshop\r\nb\n\r\n--b--\r\n"),
        ]
    )
    func multipart(text: String, value: String, expected: String) throws {
        #expect(try body(text, type: Self.multipart, ["V": value]) == expected)
    }

    @Test(
        "No value ends a part, begins one, or adds a header to one",
        arguments: [
            ("--b\n\n$V\n--b--", "secret\r\n--b\r\nA: 1"), ("--b\n\n$V\n--b--", "--b--"), ("--b\n\n$V\n--b--", "--bsecret"),
            ("--b\n\n-${data.none}$V\n--b--", "\n--b"), ("--b\n\n-$V\n--b--", "-b secret"), ("--b\n\n$V$V\n--b--", "b\n--"),
            ("--b\n\n$V--b\n--b--", "secret\r\n"), ("--b\n\n--$V\n--b--", "b"), ("--b$V\n\nx\n--b--", "--"),
            ("--b\nA: $V\n\nx\n--b--", "a\r\nB: secret"), ("--b\nA: \"$V\"\n\nx\n--b--", "a\nsecret"),
            ("--b\n$V\nA: 1\n\nx\n--b--", ""), ("--b\nA: $V\n\nx\n--b--", "\0secret"),
            ("--b\nContent-Disposition: form-data; name=$V\n\nx\n--b--", "a; filename=secret"),
            ("--b\nContent-Disposition: form-data; name=$V\n\nx\n--b--", "a\"secret"),
            ("--b\n\n< ./delimiter.txt\n--b--", ""), ("--b\n\n<@ ./delimiter.txt\n--b--", ""),
            ("--b\n< ./plain.txt\n\n--b--", ""),
            ("--b\n\nnever closed", ""), ("no part", ""),
        ]
    )
    func multipartInjection(text: String, value: String) {
        let error = #expect(throws: HTTPFileError.self) { try body(text, type: Self.multipart, ["V": value]) }
        #expect(error?.description.contains("secret") == false)
    }

    @Test("A boundary is the author's", arguments: ["$PROJECT", "{{STAGE}}", "\"\"", "a\u{1}b"])
    func boundary(text: String) {
        #expect(throws: HTTPFileError.self) { try body("--b\n\n--b--", type: "multipart/mixed; boundary=\(text)") }
    }

    @Test(
        "Included files, as they are and with their placeholders filled in",
        arguments: [
            ("text/plain", "< ./plain.txt", "a $PROJECT\r\nb\n"), ("text/plain", "<@ ./plain.txt", "a sockshop\r\nb\n"),
            ("text/plain", "< ./$PROJECT.json", #"{"p": "$EVIL", "q": $EVIL}"#),
            ("application/json", "<@ ./${data.project}.json", #"{"p": "\"\n$PROJECT", "q": "\"\n$PROJECT"}"#),
            ("text/plain", "<@latin1 ./latin1.txt", "café"), ("text/plain", "x\n< ./plain.txt\ny", "x\na $PROJECT\r\nb\n\ny"),
            (
                "application/x-www-form-urlencoded", "a=1\n&b=\n<@ ./sockshop.json",
                #"a=1&b={"p": "%22%0A%24PROJECT", "q": %22%0A%24PROJECT}"#
            ),
        ]
    )
    func included(type: String, text: String, expected: String) throws {
        #expect(try body(text, type: type, ["EVIL": "\"\n$PROJECT"]) == expected)
    }

    @Test("Files that cannot be included", arguments: ["< ./none", "<@ ./latin1.txt", "< ./{{x}}", "< ./$LINES"])
    func notIncluded(text: String) {
        let error = #expect(throws: HTTPFileError.self) { try body(text, ["LINES": "a\nsecret"]) }
        #expect(error?.line == 4)
        #expect(error?.description.contains("secret") == false)
    }

    @Test(
        "No value is looked into again, wherever it stands",
        arguments: ["${data.project}", "{{STAGE}}", "$PROJECT", #"\{{STAGE}}"#]
    )
    func noSecondExpansion(value: String) throws {
        let encoded = PercentEncoding.encodeForm(value)
        #expect(try fill("GET https://h/\nA: $V", ["V": value]).request.headers.fields == [.init("A", value)])
        #expect(try body("$V", ["V": value]) == value)
        #expect(
            try JSON(parsing: body(#"["$V", $V]"#, type: "application/json", ["V": value]).utf8) == [
                .string(value), .string(value),
            ]
        )
        #expect(try body("a=$V", type: "application/x-www-form-urlencoded", ["V": value]) == "a=\(encoded)")
        #expect(try body("--b\n\n$V\n--b--", type: Self.multipart, ["V": value]) == "--b\r\n\r\n\(value)\r\n--b--\r\n")
        for url in ["https://h/$V", "https://h/?a=$V", "https://h/#$V"] {
            let filled = try fill("GET \(url)", ["V": value]).request.url
            #expect(!filled.contains("sockshop") && !filled.contains("dev"))
        }
        #expect(throws: HTTPFileError.self) { try fill("GET https://$V/", ["V": value]) }
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
