import CloudEvents
import Testing

@Suite("Binary events")
struct BinaryEventTests {
    static let minimum = ["ce-specversion": "1.0", "ce-id": "1", "ce-source": "/s", "ce-type": "t"]

    static func headers(_ more: [String: String]) -> [String: String] { minimum.merging(more) { $1 } }

    @Test("every attribute arrives, whatever the case of the headers' names")
    func attributes() throws {
        let headers = [
            "CE-SpecVersion": "1.0", "Ce-Id": "A", "cE-source": "/s", "ce-TYPE": "t", "ce-time": "2020-01-01T00:00:00Z",
            "ce-subject": "sub",
            "ce-dataschema": "http://x", "ce-shkeptncontext": "c", "CE-TriggeredID": "",
            "Content-Type": "application/json; charset=utf-8",
            "X-Other": "y", "ce-": "nameless",
        ]
        let event = try decode(#"{"a":1}"#, headers)
        #expect(event.id == "A")
        #expect(event.subject == "sub")
        #expect(event.time.original == "2020-01-01T00:00:00Z")
        #expect(event.dataSchema == "http://x")
        #expect(event.dataContentType == "application/json; charset=utf-8")
        #expect(event.extensions == ["shkeptncontext": "c"])
        #expect(event.data == .json(["a": 1]))
        #expect(try decode(String(decoding: event.raw, as: UTF8.self)).data == event.data)
    }

    @Test("0.2 and 0.3 have the same headers, with schemaurl", arguments: [CloudEvent.SpecVersion.v0_2, .v0_3])
    func versions(version: CloudEvent.SpecVersion) throws {
        let event = try decode(
            "",
            Self.headers(["ce-specversion": version.rawValue, "ce-schemaurl": "u", "ce-contenttype": "text/x"])
        )
        #expect(event.specVersion == version)
        #expect(event.dataSchema == "u")
        #expect(event.dataContentType == "text/x")
    }

    @Test(
        "header values are unquoted, then percent-decoded once",
        arguments: [
            ("Workload%20Deployment.Started", "Workload Deployment.Started"), ("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"),
            ("100%", "100%"), ("%zz%4", "%zz%4"), ("%2541", "%41"), ("a+b", "a+b"),
            (#""quoted \"x\" \\ %41""#, #"quoted "x" \ A"#),
            (#"""#, #"""#), ("  spaced\t", "spaced"), ("é", "é"), ("%22x%22", "\"x\""),
        ]
    )
    func headerValues(value: String, expected: String) throws {
        #expect(try decode("", Self.headers(["ce-subject": value])).subject == expected)
    }

    @Test(
        "data is told by its content type",
        arguments: [
            ("application/json", #"{"a":1}"#, .json(["a": 1])), ("application/json", #""text""#, .json("text")),
            ("application/json", "no json", .bytes(Array("no json".utf8))), ("application/vnd.x+json", "[1]", .json([1])),
            ("text/json", "null", .json(.null)), ("", "[1]", .json([1])), ("", "no json", .bytes(Array("no json".utf8))),
            ("text/plain", "[1]", .text("[1]")), ("text/xml; charset=utf-8", "<é/>", .text("<é/>")),
            ("text/plain; charset=latin1", "x", .bytes([0x78])), ("application/octet-stream", "[1]", .bytes(Array("[1]".utf8))),
            ("application/json", "", nil), ("", "", nil),
        ] as [(String, String, CloudEvent.Payload?)]
    )
    func data(contentType: String, body: String, expected: CloudEvent.Payload?) throws {
        #expect(try decode(body, Self.headers(contentType.isEmpty ? [:] : ["Content-Type": contentType])).data == expected)
    }

    @Test("bytes go into the event's JSON as Base64")
    func bytes() throws {
        let headers = Self.headers(["Content-Type": "application/x"]).map { (name: $0, value: $1) }
        let event = try #require(try EventDecoder.decode(headers: headers, body: [0, 255, 1, 2], now: arrival).first)
        #expect(event.data == .bytes([0, 255, 1, 2]))
        let raw = try JSON(parsing: event.raw)
        #expect(raw["data_base64"] == "AP8BAg==")
        #expect(try EventDecoder.decode(structured: event.raw, now: arrival).data == event.data)
    }

    @Test(
        "what is wrong is named",
        arguments: [
            (["ce-id": ""], "the attribute 'id' is missing or empty"),
            (["ce-source": " "], "the attribute 'source' is missing or empty"),
            (["ce-specversion": "1.1"], "the specversion '1.1' is unknown"),
            (["ce-time": "noon"], "the attribute 'time' is 'noon'"),
            (["ce-type": "a%00b"], "the attribute 'type' holds a control character"),
            (["ce-subject": "%FF"], "the header 'ce-subject' is not UTF-8 after percent-decoding"),
            (["CE-ID": "2"], "the header 'ce-id' comes twice"),
        ]
    )
    func wrong(headers: [String: String], sentence: String) throws {
        let error = try #require(refusal("", Self.headers(headers)))
        #expect(error.kind == .badRequest)
        #expect(error.description.contains(sentence), "\(error)")
    }

    @Test("headers without ce-specversion are a bad request that says so", arguments: ["application/json", "text/plain", ""])
    func noVersion(contentType: String) {
        var headers = Self.headers(["Content-Type": contentType])
        headers["ce-specversion"] = nil
        let error = refusal("{}", headers)
        #expect(error?.kind == .badRequest)
        #expect(error?.description.contains("'ce-specversion' is missing") == true)
    }

    @Test("a structured content type wins over ce- headers, and they over a body with a specversion")
    func precedence() throws {
        let body = #"{"specversion":"0.3","id":"body","source":"s","type":"t"}"#
        #expect(try decode(body, Self.headers(["Content-Type": "application/cloudevents+json"])).id == "body")
        #expect(try decode(body, Self.headers(["Content-Type": "application/json"])).id == "1")
    }

    @Test("headers cannot bring data in")
    func dataHeaders() throws {
        let event = try decode("", Self.headers(["ce-data": "x", "ce-data_base64": "AA==", "ce-datacontentencoding": "base64"]))
        #expect(event.data == nil)
        #expect(event.extensions.isEmpty)
    }

    @Test("Whatever is accepted can be read again, also what is nested as deep as may be", arguments: 125...130)
    func nesting(depth: Int) throws {
        let body = Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        let headers = [
            ("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "s"), ("ce-type", "t"), ("content-type", "application/json"),
        ]
        let events = try EventDecoder.decode(headers: headers.map { (name: $0.0, value: $0.1) }, body: body, now: .now())
        let event = try #require(events.first)
        let again = try EventDecoder.decode(structured: event.raw, now: event.time)
        #expect(again.data == event.data)
    }
}
