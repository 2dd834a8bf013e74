import CloudEvents
import Curl
import TestSupport
import Testing

@testable import Executor

@Suite struct HTTPFileParserTests {
    private func parse(_ text: String) throws -> HTTPTemplate { try file(text).requests[0] }

    private func file(_ text: String) throws -> HTTPFile { try HTTPFile(parsing: Array(text.utf8)) }

    @Test(
        "The request line",
        arguments: [
            ("GET https://h/a", "GET", "https://h/a"),
            ("https://h/a", "GET", "https://h/a"),
            ("  POST \t https://h/a   HTTP/1.1 ", "POST", "https://h/a"),
            ("https://h/a HTTP/2", "GET", "https://h/a"),
            ("PURGE https://h/a", "PURGE", "https://h/a"),
            ("POST https://h/a b?c=d e", "POST", "https://h/a b?c=d e"),
            ("https://h/a b", "GET", "https://h/a b"),
            ("$ENV_URL", "GET", "$ENV_URL"),
            ("$ENV_METHOD $ENV_URL", "$ENV_METHOD", "$ENV_URL"),
            ("PUT {{ base }}/x", "PUT", "{{ base }}/x"),
            ("{{base}}/x HTTP/1.1", "GET", "{{base}}/x"),
            ("\n\n# comment\n// another\n### title\nDELETE https://h/", "DELETE", "https://h/"),
            ("\u{FEFF}GET https://h/\r\n", "GET", "https://h/"),
            ("GET https://h/a\r\n    ?b=1\r\n    &c=2\r\nX: y", "GET", "https://h/a?b=1&c=2"),
            ("< {%\n  client.log(1)\n%}\nGET https://h/", "GET", "https://h/"),
        ]
    )
    func requestLine(text: String, method: String, url: String) throws {
        let template = try parse(text)
        #expect(template.method.text == method)
        #expect(template.url.text == url)
    }

    @Test(
        "Headers",
        arguments: [
            ("Accept: text/plain", [("Accept", "text/plain")]),
            ("Referer: https://x:8/y", [("Referer", "https://x:8/y")]),
            ("Authorization: Basic a:b", [("Authorization", "Basic a:b")]),
            ("A:1\nA: 2\na:\t3", [("A", "1"), ("A", "2"), ("a", "3")]),
            ("A: 1\r\nB: 2\r\n\r\n", [("A", "1"), ("B", "2")]),
            ("A: one\n  two\n\tthree", [("A", "one two three")]),
            ("A: one\n  https://two", [("A", "one https://two")]),
            ("  A: 1\n  B:2", [("A", "1"), ("B", "2")]),
            ("# comment\nA: 1\n// comment\nB: 2", [("A", "1"), ("B", "2")]),
            ("A :1", [("A", "1")]),
            ("A:", [("A", "")]),
            ("X-$STAGE: ${data.x}: y", [("X-$STAGE", "${data.x}: y")]),
            ("{{name}}: y", [("{{name}}", "y")]),
            ("A: 1\n###\nB: 2", [("A", "1")]),
        ]
    )
    func headers(text: String, expected: [(String, String)]) throws {
        let headers = try parse("GET https://h/\n" + text).headers
        #expect(headers.map(\.name) == expected.map(\.0))
        #expect(headers.map(\.value) == expected.map(\.1))
    }

    @Test(
        "Bodies",
        arguments: [
            ("\nplain\n\n\ntext\n\n\n", "plain\n\n\ntext", HTTPTemplate.BodyKind.raw),
            ("\r\na\r\nb", "a\nb", .raw),
            ("\n\n\nlate", "late", .raw),
            ("{\n# dropped\n\"a\": 1\n\n}", "{\n\"a\": 1\n\n}", .json),
            ("\n# first\n[1]", "[1]", .json),
            ("[1, 2]", "[1, 2]", .json),
            ("<a href=\"x:y\"/>", "<a href=\"x:y\"/>", .raw),
            ("{\"a\": 1}", "{\"a\": 1}", .json),
            ("\n# kept\ntext", "# kept\ntext", .raw),
            ("# @compat generic-executor\n\n# dropped\ntext", "text", .raw),
            ("Content-Type: text/plain\n\n{", "{", .raw),
            ("Content-Type: text/plain\n\n# kept", "# kept", .raw),
            ("content-type: application/cloudevents+json\n\n\"x\"", "\"x\"", .json),
            ("Content-Type: application/x-www-form-urlencoded\n\na=1\n  &b=2\n&c=3\n", "a=1&b=2&c=3", .form),
            ("\na\n### next", "a", .raw),
            ("\na\n\n> {%\n client.log(1)\n%}\n\nb", "a\n\n\nb", .raw),
            ("\na\n> {% one %}\n<> last.json\n> handler.js\n>> out.json", "a", .raw),
            ("no colon here", "no colon here", .raw),
            ("", "", .raw),
        ]
    )
    func bodies(text: String, expected: String, kind: HTTPTemplate.BodyKind) throws {
        let template = try parse("POST https://h/\n" + text)
        #expect(template.bodyText == expected)
        #expect(template.bodyKind == kind)
    }

    @Test func tags() throws {
        let plain = try parse("GET https://h/").tags
        #expect(plain == HTTPTags())
        let text = "# @follow-up\n// @timeout 500 ms\n#@unknown\nGET https://h/\n# @no-redirect\nA: 1\n\n# @follow-up"
        let tags = try parse(text).tags
        #expect(tags.allowsFollowUp)
        #expect(tags.timeout == .milliseconds(500))
        #expect(!tags.followsRedirects)
        #expect(try parse("# @timeout 7\nGET https://h/").tags.timeout == .seconds(7))
        #expect(try parse("GET https://h/\n\n# @follow-up").tags.allowsFollowUp == false)
    }

    @Test(
        "What is passed over is told of",
        arguments: [
            "GET https://h/\n\nbody\n> {% x %}", "GET https://h/\n\nbody\n>> file.json", "GET https://h/\n\nbody\n@a = 1",
            "# @loop for 3\nGET https://h/", "{{\nx\n}}\nGET https://h/",
            "GET https://h/\nno header, no empty line", "< {% x %}\nGET https://h/",
        ]
    )
    func warnings(text: String) throws { #expect(try file(text).warnings.count == 1) }

    @Test func aSecondSeparatorWithNothingBehindIsNoSecondRequest() throws {
        #expect(try file("### one\nGET https://h/\n\n### end\n\n# bye\n").warnings == [])
    }

    @Test(
        "No request",
        arguments: [
            ("", nil), ("\n# only a comment\n###\n", nil), ("POST\nA: 1", 1), ("@host = x\n###\n", nil),
            ("GET https://h/\nBad Name: x", 2), ("# @timeout soon\nGET https://h/", 1), ("GET https://h/\n# @timeout 0", 2),
            ("< {% never closed", 1),
        ] as [(String, Int?)]
    )
    func errors(text: String, line: Int?) throws {
        let error = #expect(throws: HTTPFileError.self) { try parse(text) }
        #expect(error?.line == line)
    }

    @Test func textThatIsNotUTF8IsReplacedAndToldOf() throws {
        let template = try HTTPFile(parsing: Array("POST https://h/\n\ncaf".utf8) + [0xE9])
        #expect(template.requests[0].bodyText == "caf\u{FFFD}")
        #expect(template.warnings.count == 1)
    }
}
