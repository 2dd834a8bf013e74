import Testing

@testable import Executor

/// What the clients named below take, as `HTTPFile.text` shows it.
@Suite struct HTTPFileDialectTests {
    private func expect(_ text: String, _ expected: [String]) throws {
        #expect(try HTTPFile(parsing: Array(text.utf8)).text == expected)
    }

    @Test(
        "The original service and its samples",
        arguments: [
            (
                "POST https://h/x\nAccept: a\nContent-Type: application/json\n\n{\"p\": \"${data.project}\"}",
                [
                    "POST https://h/x [Accept: a, Content-Type: application/json] json|{\"p\": \"${data.project}\"}|"
                ]
            ),
            (
                "POST https://h/$ENV_ID\nAccept: a\nContent-Type: application/cloudevents+json\n{\n\"p\": \"$PROJECT\"\n}\n",
                [
                    "POST https://h/$ENV_ID [Accept: a, Content-Type: application/cloudevents+json] json|{\n\"p\": \"$PROJECT\"\n}|"
                ]
            ),
            ("# comment\nGET https://h/\n# comment\nA: 1\n# comment\n", ["GET https://h/ [A: 1]"]),
            ("https://h/$PROJECT", ["GET https://h/$PROJECT"]),
            ("POST ${env.url}/x?a=${data.list[0]}", ["POST ${env.url}/x?a=${data.list[0]}"]),
            (
                "POST https://h/\nAuthorization: Api-Token $ENV_TOKEN\n\nm,d=$SERVICE 1",
                [
                    "POST https://h/ [Authorization: Api-Token $ENV_TOKEN] raw|m,d=$SERVICE 1|"
                ]
            ),
            (
                "POST https://h/\nContent-Type: text/plain\n\nmetric,stage=$STAGE 1 $TIMEUTCMS\n",
                [
                    "POST https://h/ [Content-Type: text/plain] raw|metric,stage=$STAGE 1 $TIMEUTCMS|"
                ]
            ),
            ("POST  https://h/  \n", ["POST https://h/"]), ("POST\thttps://h/\r\n\r\nbody\r\n", ["POST https://h/ raw|body|"]),
            ("POST https://h/\nReferer: https://x/\n\na\n\nb", ["POST https://h/ [Referer: https://x/] raw|a\n\nb|"]),
            ("POST https://h/\nA: ${type}\n\n${data}", ["POST https://h/ [A: ${type}] raw|${data}|"]),
            (
                "# @compat generic-executor\nPOST https://h/\nContent-Type: text/plain\n\na\n# b\nc",
                [
                    "POST https://h/ [Content-Type: text/plain] raw|a\nc|"
                ]
            ),
            (
                "# @compat generic-executor\n###\nPOST https://h/\n\n# a\nb\n###\nPOST https://i/\n\n# c\nd",
                [
                    "POST https://h/ raw|b|", "POST https://i/ raw|d|",
                ]
            ),
        ]
    )
    func original(text: String, expected: [String]) throws { try expect(text, expected) }

    @Test(
        "JetBrains",
        arguments: [
            ("### Login\nGET https://h/", ["Login: GET https://h/"]), ("### Get a token\nGET https://h/", ["GET https://h/"]),
            ("###\nGET https://h/\n###", ["GET https://h/"]), ("###GET https://h/\nGET https://i/", ["GET https://i/"]),
            (
                "GET https://a/\n###\nGET https://b/\n### c\nGET https://c/",
                ["GET https://a/", "GET https://b/", "c: GET https://c/"]
            ),
            ("GET https://a/\n\n###\n\n###\n\n\nGET https://b/", ["GET https://a/", "GET https://b/"]),
            ("#### four\nGET https://h/", ["four: GET https://h/"]),
            ("### a\n# @name b\nGET https://h/", ["b: GET https://h/"]), ("// @name b\nGET https://h/", ["b: GET https://h/"]),
            ("### a\nGET https://h/\n### a\nGET https://i/", ["a: GET https://h/", "GET https://i/"]),
            ("## two\nGET https://h/", ["GET https://h/"]),
            ("// one\nGET https://h/\n// two\nA: 1", ["GET https://h/ [A: 1]"]),
            ("GET https://h\n    /a\n    /b\n    ?c=1\n    &d=2", ["GET https://h/a/b?c=1&d=2"]),
            ("GET https://h/a\n\t?c=1\n\t&d=2\nA: 1", ["GET https://h/a?c=1&d=2 [A: 1]"]),
            ("GET https://h/a\n  ?t=12:30\nA: 1", ["GET https://h/a?t=12:30 [A: 1]"]),
            ("GET https://h/a\n  ?c=1 HTTP/1.1", ["GET https://h/a?c=1"]),
            ("GET https://h/a\n  ?c={{x}}\n# comment\nA: 1", ["GET https://h/a?c={{x}} [A: 1]"]),
            ("GET /a?b=1\nHost: h", ["GET http://h/a?b=1"]), ("GET /a\nHost: h:443", ["GET https://h:443/a"]),
            ("GET /a\nA: 1\nhost: h:8443\nB: 2", ["GET https://h:8443/a [A: 1, B: 2]"]),
            ("GET /a HTTP/1.1\nHost: h:8080", ["GET http://h:8080/a"]), ("/a\nHost: {{h}}", ["GET http://{{h}}/a"]),
            ("GET https://h/\nHost: other", ["GET https://h/ [Host: other]"]),
            ("GET https://h/\nA: 1,\n  2,\n  3", ["GET https://h/ [A: 1, 2, 3]"]),
            ("GET https://h/\nA: 1\nA: 2", ["GET https://h/ [A: 1, A: 2]"]),
            ("POST https://h/\n\n< ./in.json", ["POST https://h/ raw|<./in.json>|"]),
            (
                "POST https://h/\nContent-Type: application/json\n\n< ./in.json",
                [
                    "POST https://h/ [Content-Type: application/json] json|<./in.json>|"
                ]
            ),
            ("POST https://h/\n\n<@ ./in.json", ["POST https://h/ raw|<@./in.json>|"]),
            ("POST https://h/\n\n<\t./a b.txt  ", ["POST https://h/ raw|<./a b.txt>|"]),
            ("POST https://h/\n< ./in.json", ["POST https://h/ raw|<./in.json>|"]),
            ("POST https://h/\n\nbefore\n< a\n< b\n\nafter", ["POST https://h/ raw|before\n<a>\n<b>\n\nafter|"]),
            ("GET https://h/\n\n> {%\n client.test('x')\n\n###\n%}\n###\nGET https://i/", ["GET https://h/", "GET https://i/"]),
            ("GET https://h/\n> {% x %}", ["GET https://h/"]), ("GET https://h/\n\n> ./handler.js", ["GET https://h/"]),
            ("GET https://h/\n\n<> 2024.200.json", ["GET https://h/"]), ("GET https://h/\n\n>> out.json", ["GET https://h/"]),
            ("GET https://h/\n\n>>! out.json", ["GET https://h/"]), ("< {%\n a\n%}\nGET https://h/", ["GET https://h/"]),
            ("POST https://h/\n\n> quoted\n>> {{x}}text", ["POST https://h/ raw|> quoted|"]),
            ("# @no-redirect\n// @no-cookie-jar\n# @no-log\nGET https://h/", ["GET https://h/ no-redirect no-cookies no-log"]),
            (
                "# @timeout 600\n# @connection-timeout 2 m\nGET https://h/",
                [
                    "GET https://h/ timeout=600.0 seconds connect=120.0 seconds"
                ]
            ),
            ("GET https://h/\n# @no-log\nA: 1", ["GET https://h/ [A: 1] no-log"]),
            ("# @no-log\nGET https://h/\n###\nGET https://i/", ["GET https://h/ no-log", "GET https://i/"]),
            ("# @no-log\n### title of it\nGET https://h/", ["GET https://h/ no-log"]),
            ("### a\n# @no-log\n### b\nGET https://h/", ["b: GET https://h/"]),
            ("@host = h\n@base = https://{{host}}\nGET {{base}}/", ["@host=h", "@base=https://{{host}}", "GET {{base}}/"]),
            ("@a=1\n@b =2\n@c= 3 4 \nGET https://h/", ["@a=1", "@b=2", "@c=3 4", "GET https://h/"]),
            ("GET https://h/\n\n###\n@a = b=c\n\nGET https://i/", ["@a=b=c", "GET https://h/", "GET https://i/"]),
            ("GET https://h/\n\n# about the next one\n\n###\nGET https://i/", ["GET https://h/", "GET https://i/"]),
            ("{{scheme}}://{{host}}:{{port}}/{{ path }}", ["GET {{scheme}}://{{host}}:{{port}}/{{ path }}"]),
            ("POST https://h/\n\n<form>\n< ./a>\n</form>", ["POST https://h/ raw|<form>\n<./a>>\n</form>|"]),
        ]
    )
    func jetBrains(text: String, expected: [String]) throws { try expect(text, expected) }

    @Test(
        "REST Client",
        arguments: [
            ("https://h/", ["GET https://h/"]), ("get https://h/", ["GET https://h/"]), ("Post https://h/", ["POST https://h/"]),
            ("mkcol https://h/", ["mkcol https://h/"]), ("LOCK https://h/", ["LOCK https://h/"]),
            ("GET https://h/a\n?b=1\n&c=2", ["GET https://h/a?b=1&c=2"]),
            ("GET https://h/a\n    ?b=1\n    &c={{$guid}}\n\nbody", ["GET https://h/a?b=1&c={{$guid}} raw|body|"]),
            ("POST https://h/\n\n<@latin1 ./a.txt", ["POST https://h/ raw|<@latin1./a.txt>|"]),
            ("POST https://h/\n\n<@UTF8 a.txt", ["POST https://h/ raw|<@utf8a.txt>|"]),
            ("POST https://h/\n\n<@ascii a.txt", ["POST https://h/ raw|<@asciia.txt>|"]),
            (
                "POST https://h/\nContent-Type: application/x-www-form-urlencoded\n\nname=foo\n&password=bar",
                [
                    "POST https://h/ [Content-Type: application/x-www-form-urlencoded] form|name=foo&password=bar|"
                ]
            ),
            (
                "POST https://h/\nContent-Type: application/x-www-form-urlencoded\n\na=1&\n b=2&\n c=3\n\n",
                [
                    "POST https://h/ [Content-Type: application/x-www-form-urlencoded] form|a=1&b=2&c=3|"
                ]
            ),
            (
                "POST https://h/\nContent-Type: application/x-www-form-urlencoded\n\na=1\n&b=\n< ./f",
                [
                    "POST https://h/ [Content-Type: application/x-www-form-urlencoded] form|a=1&b=<./f>|"
                ]
            ),
            (
                "POST https://h/\nContent-Type: multipart/form-data; boundary=b\n\n--b\nA: 1\n\nt\n--b\nB: 2\n\n< ./f\n--b--\n",
                [
                    "POST https://h/ [Content-Type: multipart/form-data; boundary=b] "
                        + "multipart|--b\r\nA: 1\r\n\r\nt\r\n--b\r\nB: 2\r\n\r\n<./f>\r\n--b--\r\n|"
                ]
            ),
            (
                "POST https://h/\ncontent-type: Multipart/Mixed; Boundary=\"b\"\n\n--b\n\n  # kept \n\n--b--",
                [
                    "POST https://h/ [content-type: Multipart/Mixed; Boundary=\"b\"] multipart|--b\r\n\r\n  # kept \r\n\r\n--b--\r\n|"
                ]
            ),
            (
                "# @name login\nPOST https://h/\n\n###\n@t = {{login.response.body.$.token}}\nGET https://h/\nA: {{t}}",
                [
                    "@t={{login.response.body.$.token}}", "login: POST https://h/", "GET https://h/ [A: {{t}}]",
                ]
            ),
            ("# @note really?\nGET https://h/", ["GET https://h/"]), ("#@name a\nGET https://h/", ["a: GET https://h/"]),
            ("#   @name   a-b.c_1\nGET https://h/", ["a-b.c_1: GET https://h/"]),
            (
                "POST https://h/\nContent-Type: text/plain\n\n# kept\n// kept\n@kept = 1",
                [
                    "POST https://h/ [Content-Type: text/plain] raw|# kept\n// kept\n@kept = 1|"
                ]
            ),
            ("GET https://h/\n\n@a = 1\n", ["@a=1", "GET https://h/"]),
            (
                "POST https://h/\n\n{\n// dropped\n\"a\": 1,\n  # dropped\n@x = 2\n\"b\": 2\n}",
                [
                    "@x=2", "POST https://h/ json|{\n\"a\": 1,\n\"b\": 2\n}|",
                ]
            ),
            ("POST https://h/\n\n{{payload}}", ["POST https://h/ raw|{{payload}}|"]),
            (
                "POST https://h/\nContent-Type: application/json\n\n{{payload}}",
                [
                    "POST https://h/ [Content-Type: application/json] json|{{payload}}|"
                ]
            ),
            (
                "POST https://h/\nContent-Type: application/xml\n\n<a>\n  <b/>\n\n</a>\n",
                [
                    "POST https://h/ [Content-Type: application/xml] raw|<a>\n  <b/>\n\n</a>|"
                ]
            ),
            (
                "\u{FEFF}@a = 1\r\nGET https://h/\r\nA: {{a}}\r\n\r\nx\r\n\r\ny\r\n###\r\nGET https://i/\r\n",
                [
                    "@a=1", "GET https://h/ [A: {{a}}] raw|x\n\ny|", "GET https://i/",
                ]
            ),
            (
                "GET https://h/?a={{$timestamp -1 d}}&b={{$randomInt 1 5}} HTTP/1.1",
                [
                    "GET https://h/?a={{$timestamp -1 d}}&b={{$randomInt 1 5}}"
                ]
            ),
            ("GET https://h/?a={{$datetime \"YYYY MM\"}}", ["GET https://h/?a={{$datetime \"YYYY MM\"}}"]),
            ("PUT https://h/ HTTP/1.0\n", ["PUT https://h/"]), ("PUT https://h/ HTTP/2.0\n", ["PUT https://h/"]),
            ("PUT https://h/HTTP/1.1", ["PUT https://h/HTTP/1.1"]),
        ]
    )
    func restClient(text: String, expected: [String]) throws { try expect(text, expected) }

    @Test(
        "httpyac",
        arguments: [
            ("# @disabled\nGET https://h/", ["GET https://h/ disabled"]),
            ("# @ref a\n# @ref b\nGET https://h/", ["GET https://h/ ref=a ref=b"]),
            ("# @ref a, b\nGET https://h/", ["GET https://h/ ref=a ref=b"]),
            ("# @sleep 500\nGET https://h/", ["GET https://h/ sleep=0.5 seconds"]),
            ("# @sleep 2 s\nGET https://h/", ["GET https://h/ sleep=2.0 seconds"]),
            ("# @title A title\n# @description long\nGET https://h/", ["GET https://h/"]),
            ("GET https://h/\n?? status == 200", ["GET https://h/ ?? status == 200"]),
            ("GET https://h/\nA: 1\n?? status == 200\nB: 2", ["GET https://h/ [A: 1, B: 2] ?? status == 200"]),
            ("?? status == 200\nGET https://h/", ["GET https://h/ ?? status == 200"]),
            (
                "POST https://h/\n\n{\"a\": 1}\n\n?? status == 200\n?? body exists",
                [
                    "POST https://h/ json|{\"a\": 1}| ?? status == 200 ?? body exists"
                ]
            ),
            (
                "GET https://h/\n\n?? status == 200\n###\nGET https://i/\n\n?? status == 404",
                [
                    "GET https://h/ ?? status == 200", "GET https://i/ ?? status == 404",
                ]
            ),
            ("{{\n exports.a = 1;\n}}\nGET https://h/", ["GET https://h/"]),
            ("{{@request\n a\n}}\nGET https://h/\n\n{{@response\n  b\n}}", ["GET https://h/"]),
            ("GET https://h/\n{{+after\n b\n}}\n###\nGET https://i/", ["GET https://h/", "GET https://i/"]),
            ("# @unknown thing\nGET https://h/", ["GET https://h/"]),
            ("# @follow-up\nGET https://h/\n# @timeout 3 s\n", ["GET https://h/ follow-up timeout=3.0 seconds"]),
        ]
    )
    func httpyac(text: String, expected: [String]) throws { try expect(text, expected) }

    @Test(
        "Assertions",
        arguments: [
            ("status == 200", "status == 200"), ("status==200", "status == 200"), ("  status   !=  404 ", "status != 404"),
            ("status < 300", "status < 300"), ("status <= 300", "status <= 300"), ("status >= 200", "status >= 200"),
            ("status > 199", "status > 199"), ("duration < 500", "duration < 500"),
            ("header content-type includes json", "header(content-type) includes json"),
            ("header content-type contains json", "header(content-type) includes json"),
            ("header Location exists", "header(Location) exists"), ("header a == b == c", "header(a) == b == c"),
            ("body == a text", "body == a text"), ("body ==", "body =="), ("body includes {{x}}", "body includes {{x}}"),
            ("body endsWith }", "body endsWith }"), ("body $.a.b == x", "body($.a.b) == x"),
            ("body $.a['b c'][0] == x y", "body($.a['b c'][0]) == x y"), ("body $.a isNumber", "body($.a) isNumber"),
            ("body $.a isString", "body($.a) isString"), ("body $.a isBoolean", "body($.a) isBoolean"),
            ("body $.a isNull", "body($.a) isNull"), ("body $.a isArray", "body($.a) isArray"),
            ("body $.a isTrue", "body($.a) isTrue"), ("jsonpath $.a isFalse", "body($.a) isFalse"),
            ("body $ exists", "body($) exists"),
        ]
    )
    func assertions(text: String, expected: String) throws {
        try expect("GET https://h/\n?? \(text)", ["GET https://h/ ?? \(expected)"])
    }

    @Test(
        "What cannot be meant is refused, with its line",
        arguments: [
            ("GET https://h/\n?? status", 2), ("GET https://h/\n?? status is 200", 2), ("GET https://h/\n?? status === 200", 2),
            ("GET https://h/\n?? status <", 2), ("GET https://h/\n?? body exists 1", 2), ("GET https://h/\n??", 2),
            ("GET https://h/\n?? js a == 1", 2), ("GET https://h/\n?? xpath //a == 1", 2), ("GET https://h/\n?? header", 2),
            ("GET https://h/\n?? jsonpath a == 1", 2), ("GET https://h/\n###\n?? status == 1\n", 3),
            ("?? status == 1\n###\nGET https://h/", 1),
            ("GRAPHQL https://h/", 1), ("WEBSOCKET wss://h/", 1), ("WS wss://h/", 1), ("GRPC h/x", 1), ("SSE https://h/", 1),
            ("MQTT mqtt://h", 1), ("AMQP amqp://h", 1), ("curl https://h/", 1),
            ("POST https://h/\nX-REQUEST-TYPE: GraphQL\n\nquery", 2), ("GET /path", 1), ("GET /path\nA: 1", 1),
            ("/path\nHost:", 1),
            ("@a\nGET https://h/", 1), ("@a b = c\nGET https://h/", 1), ("@a := b\nGET https://h/", 1),
            ("# @name\nGET https://h/", 1), ("# @name two words\nGET https://h/", 1), ("# @name {{x}}\nGET https://h/", 1),
            ("# @name a\nGET https://h/\n###\n# @name a\nGET https://i/", 5), ("# @ref\nGET https://h/", 1),
            ("# @timeout\nGET https://h/", 1), ("# @connection-timeout x\nGET https://h/", 1), ("# @sleep -1\nGET https://h/", 1),
            ("# @sleep\nGET https://h/", 1),
            ("POST https://h/\n\n<@klingon a.txt", 3), ("GET https://h/\n\n> {%\nnever closed", 3), ("{{\nGET https://h/", 1),
            ("POST https://h/\nContent-Type: multipart/form-data\n\nx", 2),
        ]
    )
    func refused(text: String, line: Int) {
        let error = #expect(throws: HTTPFileError.self) { try HTTPFile(parsing: Array(text.utf8)) }
        #expect(error?.line == line)
    }
}
