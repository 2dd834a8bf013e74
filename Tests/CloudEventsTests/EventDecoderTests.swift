import CloudEvents
import Testing

let arrival = Timestamp(seconds: 1_600_000_000)

func decode(_ body: String, _ headers: [String: String] = ["Content-Type": "application/cloudevents+json"]) throws -> CloudEvent {
    let events = try EventDecoder.decode(headers: headers.map { (name: $0, value: $1) }, body: Array(body.utf8), now: arrival)
    return try #require(events.count == 1 ? events.first : nil)
}

/// The error of a request that must be refused.
func refusal(_ body: String, _ headers: [String: String] = ["Content-Type": "application/cloudevents+json"]) -> EventError? {
    #expect(throws: EventError.self) { try decode(body, headers) }
}

@Suite("Structured events")
struct StructuredEventTests {
    @Test("every attribute arrives")
    func attributes() throws {
        let body = """
            {"specversion":"1.0","id":"A","source":"/s","type":"t.x","subject":"sub","time":"2020-01-01T00:00:00+01:00",
             "datacontenttype":"application/json","dataschema":"http://x","shkeptncontext":"c","number":7,"flag":true,"list":[1],"Mixed":"x",
             "triggeredid":"","gone":null,"data":{"a":1}}
            """
        let event = try decode(body)
        #expect(event.id == "A")
        #expect(event.source == "/s")
        #expect(event.type == "t.x")
        #expect(event.specVersion == .v1_0)
        #expect(event.subject == "sub")
        #expect(event.time.original == "2020-01-01T00:00:00+01:00")
        #expect(event.dataContentType == "application/json")
        #expect(event.dataSchema == "http://x")
        #expect(event.extensions == ["shkeptncontext": "c", "number": 7, "flag": true, "list": [1], "Mixed": "x"])
        #expect(event.data == .json(["a": 1]))
        #expect(event.raw == Array(body.utf8))
    }

    @Test(
        "attributes of each version are read, and Keptn's contenttype in all of them",
        arguments: [
            (#""specversion":"0.2","contenttype":"application/json","schemaurl":"u""#, .v0_2),
            (#""specversion":"0.3","datacontenttype":"application/json","schemaurl":"u""#, .v0_3),
            (#""specversion":"0.2","datacontenttype":"application/json","schemaurl":"u""#, .v0_2),
            (#""specversion":"1.0","contenttype":"application/json","dataschema":"u""#, .v1_0),
            (#""specversion":"1.0","contenttype":"text/x","datacontenttype":"application/json","dataschema":"u""#, .v1_0),
        ] as [(String, CloudEvent.SpecVersion)]
    )
    func versions(members: String, version: CloudEvent.SpecVersion) throws {
        let event = try decode(#"{"id":"1","source":"s","type":"t",\#(members)}"#)
        #expect(event.specVersion == version)
        #expect(event.dataContentType == "application/json")
        #expect(event.dataSchema == "u")
        #expect(event.extensions.isEmpty)
    }

    @Test(
        "data of any kind",
        arguments: [
            (#""data":null"#, nil), (#""x":1"#, nil), (#""data":"text""#, .json("text")), (#""data":7"#, .json(7)),
            (#""data":[1]"#, .json([1])),
            (#""data":false"#, .json(false)), (#""datacontenttype":"application/json","data":"{\"a\":1}""#, .json("{\"a\":1}")),
            (#""datacontenttype":"text/plain","data":"text""#, .text("text")),
            (#""datacontenttype":"text/xml","data":"<a/>""#, .text("<a/>")),
            (#""datacontenttype":"text/plain","data":{"a":1}"#, .json(["a": 1])), (#""data_base64":"AP8=""#, .bytes([0, 255])),
            (#""data_base64":"e30=""#, .bytes([0x7B, 0x7D])),
            (#""datacontenttype":"application/x+json","data_base64":"e30=""#, .json([:])),
            (#""datacontenttype":"text/plain; charset=UTF-8","data_base64":"w6k=""#, .text("é")),
            (#""data_base64":"""#, .bytes([])),
            (#""data":null,"data_base64":"AA==""#, .bytes([0])), (#""data":1,"data_base64":null"#, .json(1)),
            (#""datacontentencoding":"base64","data":"AAE=""#, .bytes([0, 1])),
            (#""datacontentencoding":"Base64","datacontenttype":"application/json","data":"W10=""#, .json([])),
        ] as [(String, CloudEvent.Payload?)]
    )
    func data(members: String, expected: CloudEvent.Payload?) throws {
        #expect(try decode(#"{"specversion":"1.0","id":"1","source":"s","type":"t",\#(members)}"#).data == expected)
    }

    @Test(
        "what is wrong is named",
        arguments: [
            (#"{"source":"s","type":"t","specversion":"1.0"}"#, "the attribute 'id' is missing or empty"),
            (#"{"id":"","source":"s","type":"t","specversion":"1.0"}"#, "the attribute 'id' is missing or empty"),
            (#"{"id":null,"source":"s","type":"t","specversion":"1.0"}"#, "the attribute 'id' is missing or empty"),
            (#"{"id":7,"source":"s","type":"t","specversion":"1.0"}"#, "the attribute 'id' must be a string, not a number"),
            (#"{"id":"1","type":"t","specversion":"1.0"}"#, "the attribute 'source' is missing or empty"),
            (#"{"id":"1","source":{},"type":"t","specversion":"1.0"}"#, "the attribute 'source' must be a string, not an object"),
            (#"{"id":"1","source":"s","specversion":"1.0"}"#, "the attribute 'type' is missing or empty"),
            (#"{"id":"1","source":"s","type":true,"specversion":"1.0"}"#, "the attribute 'type' must be a string, not a boolean"),
            (#"{"id":"1","source":"s","type":"t"}"#, "the attribute 'specversion' is missing or empty"),
            (
                #"{"id":"1","source":"s","type":"t","specversion":1.0}"#,
                "the attribute 'specversion' must be a string, not a number"
            ),
            (
                #"{"id":"1","source":"s","type":"t","specversion":"2.0"}"#,
                "the specversion '2.0' is unknown: known are 0.2, 0.3, 1.0"
            ),
            (#"{"id":"a\u0000b","source":"s","type":"t","specversion":"1.0"}"#, "the attribute 'id' holds a control character"),
            (#"{"id":"1","source":"a\nb","type":"t","specversion":"1.0"}"#, "the attribute 'source' holds a control character"),
            (#"{"id":"1","source":"s","type":"t\u0085","specversion":"1.0"}"#, "the attribute 'type' holds a control character"),
            (#"{"id":"1","source":"s","type":"t","specversion":"1.0","time":"today"}"#, "the attribute 'time' is 'today'"),
            (
                #"{"id":"1","source":"s","type":"t","specversion":"1.0","time":7}"#,
                "the attribute 'time' must be a string, not a number"
            ),
            (
                #"{"id":"1","source":"s","type":"t","specversion":"1.0","subject":[]}"#,
                "the attribute 'subject' must be a string, not an array"
            ),
            (
                #"{"id":"1","source":"s","type":"t","specversion":"1.0","data":1,"data_base64":"AA=="}"#,
                "both 'data' and 'data_base64'"
            ),
            (#"{"id":"1","source":"s","type":"t","specversion":"1.0","data_base64":"A"}"#, "'data_base64' is not Base64"),
            (#"{"id":"1","source":"s","type":"t","specversion":"1.0","data_base64":"AA"}"#, "'data_base64' is not Base64"),
            (#"{"id":"1","source":"s","type":"t","specversion":"1.0","data_base64":"A A="}"#, "'data_base64' is not Base64"),
            (#"{"id":"1","source":"s","type":"t","specversion":"1.0","data_base64":"AB=="}"#, "'data_base64' is not Base64"),
            (#"{"id":"1","source":"s","type":"t","specversion":"1.0","data_base64":"===="}"#, "'data_base64' is not Base64"),
            (#"{"id":"1","source":"s","type":"t","specversion":"1.0","data_base64":7}"#, "'data_base64' is not Base64"),
            (
                #"{"id":"1","source":"s","type":"t","specversion":"0.3","datacontentencoding":"base64","data":{}}"#,
                "'data' is not Base64"
            ),
            ("[]", "the body is no CloudEvent: a JSON object is expected"), ("", "the body is not valid JSON: expected a value"),
            (#"{"id":"#, "the body is not valid JSON: expected a value, found the end of the text (line 1, column 7)"),
        ]
    )
    func wrong(body: String, sentence: String) throws {
        let error = try #require(refusal(body))
        #expect(error.kind == .badRequest)
        #expect(error.description.contains(sentence), "\(error)")
    }

    @Test("id, source and type may have 4096 bytes", arguments: ["id", "source", "type"])
    func lengths(name: String) throws {
        func body(_ length: Int) -> String {
            var object: JSONObject = ["specversion": "1.0", "id": "1", "source": "s", "type": "t"]
            object[name] = .string(String(repeating: "x", count: length))
            return JSON.object(object).text
        }
        #expect(throws: Never.self) { try decode(body(4096)) }
        #expect(refusal(body(4097))?.description == "the attribute '\(name)' has 4097 bytes, allowed are 4096")
    }

    @Test("no time means now", arguments: ["", #","time":"""#, #","time":null"#])
    func noTime(member: String) throws {
        #expect(try decode(#"{"specversion":"1.0","id":"1","source":"s","type":"t"\#(member)}"#).time == arrival)
    }

    @Test("a byte order mark is skipped and not kept")
    func byteOrderMark() throws {
        let text = #"{"specversion":"1.0","id":"1","source":"s","type":"t"}"#
        #expect(try decode("\u{FEFF}" + text).raw == Array(text.utf8))
    }

    @Test(
        "is told by its content type, or by its specversion",
        arguments: [
            "application/cloudevents+json", "Application/CloudEvents+JSON; charset=UTF-8",
            "application/cloudevents+json;charset=\"utf-8\"",
            "application/json", "application/json; charset=utf-8", "text/json", "",
        ]
    )
    func contentTypes(contentType: String) throws {
        let headers = contentType.isEmpty ? [:] : ["content-TYPE": contentType]
        #expect(try decode(#"{"specversion":"1.0","id":"1","source":"s","type":"t"}"#, headers).id == "1")
    }

    @Test(
        "other content types are refused by name",
        arguments: [
            ("application/xml", "the content type 'application/xml' is no CloudEvent"),
            ("text/plain", "the content type 'text/plain'"),
            ("application/cloudevents+avro", "'application/cloudevents+avro'"),
            ("application/cloudevents", "'application/cloudevents'"),
            ("application/cloudevents+json; charset=latin1", "the charset 'latin1' is not supported"),
            ("application/cloudevents-batch+json; charset=utf-16", "the charset 'utf-16' is not supported"),
        ]
    )
    func unsupported(contentType: String, sentence: String) throws {
        let error = try #require(
            refusal(#"{"specversion":"1.0","id":"1","source":"s","type":"t"}"#, ["Content-Type": contentType])
        )
        #expect(error.kind == .unsupportedMediaType)
        #expect(error.description.contains(sentence), "\(error)")
    }

    @Test("JSON that is no event is a bad request, nothing at all an unknown type")
    func noEvent() {
        #expect(refusal(#"{"a":1}"#, ["Content-Type": "application/json"])?.kind == .badRequest)
        #expect(refusal("[]", ["Content-Type": "application/json"])?.kind == .badRequest)
        #expect(refusal("hello", [:])?.kind == .unsupportedMediaType)
        #expect(refusal("", [:])?.kind == .unsupportedMediaType)
        #expect(refusal("", ["Content-Type": "application/json"])?.kind == .badRequest)
    }
}

@Suite("Batches")
struct BatchTests {
    let headers = [(name: "Content-Type", value: "application/cloudevents-batch+json; charset=utf-8")]

    @Test("all events come, in order, each with its own JSON")
    func all() throws {
        let body =
            #"[ {"specversion":"1.0","id":"1","source":"s","type":"t","data":1.50}, {"specversion":"0.2","id":"2","source":"s","type":"t"} ]"#
        let events = try EventDecoder.decode(headers: headers, body: Array(body.utf8), now: arrival)
        #expect(events.map(\.id) == ["1", "2"])
        #expect(events[0].raw == Array(#"{"specversion":"1.0","id":"1","source":"s","type":"t","data":1.50}"#.utf8))
    }

    @Test("an empty batch holds no events")
    func empty() throws {
        #expect(try EventDecoder.decode(headers: headers, body: Array("[]".utf8), now: arrival).isEmpty)
    }

    @Test(
        "one wrong element refuses all",
        arguments: [
            (
                #"[{"specversion":"1.0","id":"1","source":"s","type":"t"},{"specversion":"1.0"}]"#,
                "element 1 of the batch: the attribute 'id' is"
            ),
            (#"[{"specversion":"1.0","id":"1","source":"s","type":"t"},7]"#, "element 1 of the batch is no CloudEvent"),
            (#"{"specversion":"1.0","id":"1","source":"s","type":"t"}"#, "a JSON array is expected"), ("[", "not valid JSON"),
        ]
    )
    func wrong(body: String, sentence: String) throws {
        let error = #expect(throws: EventError.self) {
            try EventDecoder.decode(headers: headers, body: Array(body.utf8), now: arrival)
        }
        #expect(error?.kind == .badRequest)
        #expect(error?.description.contains(sentence) == true)
    }
}
