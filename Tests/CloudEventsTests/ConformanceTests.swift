import CloudEvents
import TestSupport
import Testing

@Suite("CloudEvents conformance")
struct ConformanceTests {
    /// The kinds of data that the CloudEvents conformance suite sends, each with its content type.
    static let payloads: [(contentType: String, body: String, data: CloudEvent.Payload)] = [
        ("text/plain", "Plain ASCII words.", .text("Plain ASCII words.")),
        ("text/plain; charset=utf-8", "Grüße 🚀 你好", .text("Grüße 🚀 你好")),
        ("application/json", #""a JSON string""#, .json("a JSON string")),
        ("application/json", #"{"message":"an object","n":1.0}"#, .json(["message": "an object", "n": .number(oneAsWritten)])),
        ("application/json", #"["an","array",3]"#, .json(["an", "array", 3])),
        ("application/xml", "<xml>é</xml>", .bytes(Array("<xml>é</xml>".utf8))),
    ]

    private static var oneAsWritten: JSONNumber { (try? JSON(parsing: "1.0".utf8))?.number ?? JSONNumber(0) }

    @Test(
        "the minimum set arrives in binary and in structured mode",
        arguments: payloads.indices,
        CloudEvent.SpecVersion.allCases
    )
    func minimum(index: Int, version: CloudEvent.SpecVersion) throws {
        let (contentType, body, data) = Self.payloads[index]
        let binary = try decode(
            body,
            [
                "ce-specversion": version.rawValue, "ce-id": "conformance-000\(index + 1)", "ce-type": "io.test",
                "ce-source": "/conformance",
                "ce-time": "2020-01-01T00:00:00Z", "Content-Type": contentType,
            ]
        )
        #expect(binary.data == data)
        #expect(binary.dataContentType == contentType)
        let structured = try decode(String(decoding: binary.raw, as: UTF8.self))
        #expect(structured.id == "conformance-000\(index + 1)")
        #expect(structured.dataContentType == contentType)
        // 0.2 cannot say that a string is Base64.
        if version != .v0_2 || index < 5 { #expect(structured.data == data) }
    }

    @Test("JSON arrives in structured mode with and without a charset", arguments: ["", "; charset=utf-8"])
    func structured(parameter: String) throws {
        let event = try decode(
            """
            {
              "specversion": "1.0", "type": "com.example.someevent", "time": "2018-04-05T03:56:24Z", "id": "1234-1234-1234",
              "source": "/mycontext/subcontext", "datacontenttype": "application/json", "data": {"message": "Hello World!"}
            }
            """,
            ["Content-Type": "application/cloudevents+json" + parameter]
        )
        #expect(event.source == "/mycontext/subcontext")
        #expect(event.time.text == "2018-04-05T03:56:24Z")
        #expect(event.data == .json(["message": "Hello World!"]))
    }

    @Test("survives whatever comes, in every mode", .timeLimit(.minutes(3)), arguments: [5, 77] as [UInt64])
    func fuzz(seed: UInt64) throws {
        let structured =
            #"{"specversion":"1.0","id":"1","source":"s","type":"t","time":"2020-01-01T00:00:00Z","data":{"a":1},"x":null}"#
        let modes: [(headers: [(name: String, value: String)], body: String)] = [
            ([("content-type", "application/cloudevents+json")], structured),
            (
                [("content-type", "application/cloudevents+json")],
                #"{"specversion":"0.3","id":"1","source":"s","type":"t","datacontentencoding":"base64","data":"AAEC"}"#
            ),
            ([("content-type", "application/cloudevents-batch+json")], "[\(structured),\(structured)]"),
            ([("content-type", "application/json; charset=\"utf-8\"")], structured),
            (
                [
                    ("ce-specversion", "1.0"), ("ce-id", #""a%20\"b""#), ("ce-source", "s%E2%82%AC"), ("ce-type", "t"),
                    ("ce-time", "2020-01-01T00:00:00Z"), ("content-type", "text/plain; charset=utf-8"),
                ], "text"
            ),
        ]
        let tokens = ["null", "\"\"", "%", "%00", "\\", "\"", "0.2", "data_base64", "{", "[", ";charset=", "ce-", "\u{FEFF}"]
        var fuzzer = Fuzzer(seed: seed)
        var accepted = 0
        for round in 0..<4000 {
            let mode = modes[round % modes.count]
            let headers = mode.headers.map { header in
                let isTouched = Bool.random(using: &fuzzer)
                let value = isTouched ? fuzzer.mutate(Array(header.value.utf8), tokens: tokens) : Array(header.value.utf8)
                return (name: header.name, value: String(decoding: value, as: UTF8.self))
            }
            let body = fuzzer.mutate(Array(mode.body.utf8), tokens: tokens)
            guard let events = try? EventDecoder.decode(headers: headers, body: body, now: arrival) else { continue }
            accepted += 1
            for event in events {
                let again = try EventDecoder.decode(structured: event.raw, now: arrival)
                #expect(again.id == event.id && again.type == event.type, "seed \(seed), round \(round): \(headers) \(body)")
                #expect(again.extensions == event.extensions, "seed \(seed), round \(round): \(headers) \(body)")
            }
        }
        #expect(accepted > 100, "seed \(seed): the mutations leave too few events")
    }
}

@Suite("Keptn's own wire forms")
struct KeptnWireTests {
    @Test("an event of Keptn 0.7: specversion 0.2, contenttype, extra junk")
    func keptn07() throws {
        let event = try decode(
            """
            {"contenttype":"application/json","data":{"project":"sockshop","stage":"dev","service":"carts","labels":null},"id":"2d36","label":null,
            "source":"remediation-service","specversion":"0.2","time":"2020-11-25T21:04:01.832Z","type":"sh.keptn.event.action.triggered",
            "shkeptncontext":"2d363636-3537-4030-b031-343135323139"}
            """
        )
        #expect(event.specVersion == .v0_2)
        #expect(event.dataContentType == "application/json")
        #expect(event.extensions == ["shkeptncontext": "2d363636-3537-4030-b031-343135323139"])
        #expect(event.dataObject?["labels"] == .null)
    }

    @Test("an event of Keptn's go-sdk: specversion 1.0 with contenttype")
    func goSDK() throws {
        let event = try decode(
            #"""
            {"contenttype":"application/json","data":{"message":"a \u003c b \u0026 c"},"gitcommitid":"abc","id":"1","shkeptncontext":"c",
            "shkeptnspecversion":"0.2.4","source":"shipyard-controller","specversion":"1.0","time":"2022-06-01T10:00:00.123456789Z",
            "triggeredid":"t","type":"sh.keptn.event.test.triggered"}
            """#
        )
        #expect(event.dataContentType == "application/json")
        #expect(event.dataObject?["message"] == "a < b & c")
        #expect(event.extensions.keys == ["gitcommitid", "shkeptncontext", "shkeptnspecversion", "triggeredid"])
        #expect(event.time.nanoseconds == 123_456_789)
    }

    @Test("an event of Keptn's distributor: empty extensions are absent")
    func distributor() throws {
        let event = try decode(
            """
            {"data":{},"datacontenttype":"application/json","gitcommitid":"","id":"1","shkeptncontext":"c","shkeptnspecversion":"","source":"s",
            "specversion":"1.0","time":"2022-06-01T10:00:00Z","triggeredid":"","type":"sh.keptn.event.dev.delivery.triggered"}
            """,
            ["Content-Type": "application/cloudevents+json"]
        )
        #expect(event.extensions == ["shkeptncontext": "c"])
    }

    @Test("an event of Keptn's lifecycle operator: binary, a type with spaces")
    func lifecycleOperator() throws {
        let event = try decode(
            #"{"message":"m","resource":{"name":"carts"}}"#,
            [
                "Ce-Id": "1", "Ce-Source": "keptn.sh", "Ce-Specversion": "1.0", "Ce-Time": "2024-01-01T00:00:00Z",
                "Ce-Type": "Workload%20Pre-Deployment%20Tasks.Started", "Content-Type": "application/json",
            ]
        )
        #expect(event.type == "Workload Pre-Deployment Tasks.Started")
        #expect(event.dataObject?["message"] == "m")
    }
}
