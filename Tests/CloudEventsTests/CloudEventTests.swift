import CloudEvents
import Testing

@Suite("CloudEvent")
struct CloudEventTests {
    static func event(_ version: CloudEvent.SpecVersion, data: CloudEvent.Payload?) -> CloudEvent {
        CloudEvent(
            id: "1",
            source: "s",
            specVersion: version,
            type: "t",
            subject: "sub",
            time: Timestamp(seconds: 0),
            dataSchema: "schema",
            extensions: ["shkeptncontext": "c", "number": 7, "id": "not this one"],
            data: data
        )
    }

    @Test(
        "is encoded by the rules of its version",
        arguments: [
            (
                .v1_0, .json(["a": 1]),
                #""datacontenttype":"application/json","dataschema":"schema","shkeptncontext":"c","number":7,"data":{"a":1}"#
            ),
            (
                .v0_3, .json(["a": 1]),
                #""datacontenttype":"application/json","schemaurl":"schema","shkeptncontext":"c","number":7,"data":{"a":1}"#
            ),
            (
                .v0_2, .json(["a": 1]),
                #""contenttype":"application/json","schemaurl":"schema","shkeptncontext":"c","number":7,"data":{"a":1}"#
            ),
            (.v1_0, nil, #""datacontenttype":"application/json","dataschema":"schema","shkeptncontext":"c","number":7"#),
            (
                .v1_0, .text("x"),
                #""datacontenttype":"application/json","dataschema":"schema","shkeptncontext":"c","number":7,"data":"x""#
            ),
            (
                .v1_0, .bytes([0, 255]),
                #""datacontenttype":"application/json","dataschema":"schema","shkeptncontext":"c","number":7,"data_base64":"AP8=""#
            ),
            (
                .v0_3, .bytes([0, 255]),
                #""datacontenttype":"application/json","schemaurl":"schema","shkeptncontext":"c","number":7,"datacontentencoding":"base64","data":"AP8=""#
            ),
            (
                .v0_2, .bytes([0, 255]),
                #""contenttype":"application/json","schemaurl":"schema","shkeptncontext":"c","number":7,"data":"AP8=""#
            ),
        ] as [(CloudEvent.SpecVersion, CloudEvent.Payload?, String)]
    )
    func structured(version: CloudEvent.SpecVersion, data: CloudEvent.Payload?, rest: String) {
        let start =
            #"{"id":"1","source":"s","specversion":"\#(version.rawValue)","type":"t","subject":"sub","time":"1970-01-01T00:00:00Z","#
        #expect(String(decoding: Self.event(version, data: data).raw, as: UTF8.self) == start + rest + "}")
    }

    @Test(
        "comes back as it was from its own encoding",
        arguments: CloudEvent.SpecVersion.allCases,
        [.json(["a": [1, .null]]), .json("text"), nil] as [CloudEvent.Payload?]
    )
    func roundTrip(version: CloudEvent.SpecVersion, data: CloudEvent.Payload?) throws {
        var event = Self.event(version, data: data)
        event.extensions["id"] = nil
        #expect(try EventDecoder.decode(structured: event.raw, now: .now()) == event)
    }

    @Test("keeps its time as it was written")
    func time() throws {
        let time = try #require(Timestamp(parsing: "2020-03-24 10:42:09.500+02:00"))
        let event = CloudEvent(id: "1", source: "s", specVersion: .v1_0, type: "t", time: time, data: nil)
        #expect(event.structured["time"] == "2020-03-24 10:42:09.500+02:00")
    }

    @Test("tells the text of an extension if it has one")
    func extensionText() {
        let event = Self.event(.v1_0, data: nil)
        #expect(event.extensionText("shkeptncontext") == "c")
        #expect(event.extensionText("number") == "7")
        #expect(event.extensionText("none") == nil)
    }
}
