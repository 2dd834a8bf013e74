import Basics
import CloudEvents
import Curl
import ServerTestSupport
import TestSupport
import Testing

/// What senders do wrong over a real port: each gets a status and a sentence, and the service goes on.
@Suite(.timeLimit(.minutes(2))) struct BadRequestTests {
    private struct Refusal: Sendable, CustomTestStringConvertible {
        let name: String
        var body: [UInt8] = Array(#"{"specversion":"1.0","id":"1","source":"s","type":"t"}"#.utf8)
        var contentType: String? = "application/cloudevents+json"
        let status: Int
        let part: String

        var testDescription: String { name }
    }

    private static let refusals = [
        Refusal(name: "not JSON", body: Array("hello".utf8), status: 400, part: "JSON"),
        Refusal(name: "cut JSON", body: Array(#"{"specversion":"1.0","#.utf8), status: 400, part: "JSON"),
        Refusal(name: "empty body", body: [], status: 400, part: ""),
        Refusal(name: "a list", body: Array("[]".utf8), status: 400, part: ""),
        Refusal(name: "no specversion", body: Array(#"{"id":"1"}"#.utf8), status: 400, part: "specversion"),
        Refusal(name: "no id", body: Array(#"{"specversion":"1.0","source":"s","type":"t"}"#.utf8), status: 400, part: "id"),
        Refusal(
            name: "id a number",
            body: Array(#"{"specversion":"1.0","id":1,"source":"s","type":"t"}"#.utf8),
            status: 400,
            part: "id"
        ),
        Refusal(
            name: "type a list",
            body: Array(#"{"specversion":"1.0","id":"1","source":"s","type":[]}"#.utf8),
            status: 400,
            part: "type"
        ),
        Refusal(
            name: "specversion 9",
            body: Array(#"{"specversion":"9","id":"1","source":"s","type":"t"}"#.utf8),
            status: 400,
            part: "9"
        ),
        Refusal(
            name: "time is no time",
            body: Array(#"{"specversion":"1.0","id":"1","source":"s","type":"t","time":"noon"}"#.utf8),
            status: 400,
            part: "time"
        ),
        Refusal(
            name: "base64 is none",
            body: Array(#"{"specversion":"1.0","id":"1","source":"s","type":"t","data_base64":"%"}"#.utf8),
            status: 400,
            part: "data_base64"
        ),
        Refusal(name: "not UTF-8", body: [0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D], status: 400, part: "UTF-8"),
        Refusal(name: "deep nesting", body: Array(String(repeating: "[", count: 100_000).utf8), status: 400, part: ""),
        Refusal(name: "2 MiB", body: [UInt8](repeating: 0x20, count: 2 << 20), status: 413, part: "1MiB"),
        Refusal(name: "XML", contentType: "text/xml", status: 415, part: "text/xml"),
        Refusal(
            name: "plain JSON that is no event",
            body: Array("{}".utf8),
            contentType: "application/json",
            status: 400,
            part: ""
        ),
    ]

    @Test("Senders that do wrong get a status and one sentence, and the service goes on")
    func refusals() async throws {
        let service = try await ServiceProcess.start(["GIT_REMOTE": "/nowhere/{project}.git"])
        for refusal in Self.refusals {
            let headers: HTTPHeaders = refusal.contentType.map { ["Content-Type": $0] } ?? [:]
            let response = try await service.post(refusal.body, headers: headers)
            let sentence = try #require(try JSON(parsing: response.body)["error"]?.string, "\(refusal.name)")
            #expect(response.status == refusal.status, "\(refusal.name): \(sentence)")
            #expect(sentence.contains(refusal.part) && !sentence.contains("\n"), "\(refusal.name): \(sentence)")
        }
        #expect(try await service.get("/health").status == 200)
        #expect(try await service.get("/ready").status == 200)
        #expect(try await service.get("/other").status == 404)
        #expect(try await service.get("/").status == 405)
        #expect(try await service.stop() == 0)
    }

    @Test("Events whose names could leave their folder, or whose data is odd, are taken, run nothing, and the record says why")
    func oddEvents() async throws {
        let service = try await ServiceProcess.start(["GIT_REMOTE": "/nowhere/{project}.git"])
        let odd: [(id: String, data: JSON?, part: String)] = [
            ("project", ["project": "../x", "stage": "dev"], "project"),
            ("stage", ["project": "p", "stage": "a/b"], "stage"),
            ("missing", nil, "project"),
            ("list", ["a", "b"], "project"),
            ("number", ["project": 7], "project"),
        ]
        for (id, data, part) in odd {
            var event: JSONObject = [
                "specversion": "1.0", "id": .string(id), "source": "s", "type": "sh.keptn.event.test.triggered",
            ]
            event["data"] = data
            #expect(try await service.post(.object(event)).status == 202)
            let entry = await service.logEntry { $0["event.id"]?.string == id && $0["message"]?.string == "nothing to run" }
            #expect(entry?["reason"]?.string?.contains(part) == true, "\(id): \(entry?.text ?? "no record")")
        }
        let action: JSON = [
            "specversion": "1.0", "id": "action", "source": "s", "type": "sh.keptn.event.action.triggered",
            "data": ["project": "p", "stage": "dev", "action": ["action": "../../etc/passwd"]],
        ]
        #expect(try await service.post(action).status == 202)
        let entry = await service.logEntry { $0["event.id"]?.string == "action" && $0["message"]?.string == "nothing to run" }
        #expect(entry?["reason"]?.string?.contains("action") == true)
        #expect(try await service.stop() == 0)
    }

    @Test(
        "A type that no file can be named after, and no all.events either: nothing runs, and the service goes on",
        arguments: ["all.events", "...", String(repeating: "x", count: 300)]
    )
    func namelessType(type: String) async throws {
        let directory = try TemporaryDirectory()
        let repository = try await BareRepository(at: directory.path + "/p.git")
        try await repository.commit(["shipyard.yaml": "a: b\n"])
        let service = try await ServiceProcess.start(["GIT_REMOTE": directory.path + "/{project}.git"])
        let event: JSON = [
            "specversion": "1.0", "id": "nameless", "source": "s", "type": .string(type), "data": ["project": "p"],
        ]
        #expect(try await service.post(event).status == 202)
        let entry = await service.logEntry { $0["event.id"]?.string == "nameless" && $0["message"]?.string == "nothing to run" }
        #expect(entry?["reason"] == "no file for all.events was found on any level")
        #expect(try await service.stop() == 0)
    }

    @Test("Without its token a sender is refused, whatever it sends; the handshake of webhooks is answered")
    func token() async throws {
        let service = try await ServiceProcess.start([
            "GIT_REMOTE": "/nowhere/{project}.git", "RCV_TOKEN": "s3cret", "RCV_PATH": "/in",
        ])
        let event = Array(#"{"specversion":"1.0","id":"1","source":"s","type":"t"}"#.utf8)
        let type = "application/cloudevents+json"
        #expect(try await service.post(event, path: "/in").status == 401)
        #expect(
            try await service.post(event, path: "/in", headers: ["Content-Type": type, "Authorization": "Bearer wrong!"]).status
                == 401
        )
        #expect(
            try await service.post(event, path: "/in", headers: ["Content-Type": type, "Authorization": "Bearer s3cret"]).status
                == 202
        )
        #expect(
            try await service.post(event, path: "/in", headers: ["Content-Type": type, "Authorization": "Bearer s3cret"]).status
                == 200
        )
        #expect(try await service.post(event, path: "/").status == 404)
        let handshake = try await HTTPClient().send(
            HTTPRequest("OPTIONS", service.url + "/in", headers: ["WebHook-Request-Origin": "sender.example"]),
            deadline: .after(.seconds(10))
        )
        #expect(handshake.status == 200 && handshake.headers["WebHook-Allowed-Origin"] == "sender.example")
        #expect(!service.log.contains { $0.text.contains("s3cret") })
        #expect(try await service.stop() == 0)
    }

    @Test("A batch is taken as a whole or not at all")
    func batch() async throws {
        let service = try await ServiceProcess.start(["GIT_REMOTE": "/nowhere/{project}.git", "QUEUE_LIMIT": "100"])
        let one = #"{"specversion":"1.0","id":"1","source":"s","type":"t"}"#
        let two = #"{"specversion":"1.0","id":"2","source":"s","type":"t"}"#
        let headers: HTTPHeaders = ["Content-Type": "application/cloudevents-batch+json"]
        #expect(try await service.post(Array("[\(one),{}]".utf8), headers: headers).status == 400)
        let response = try await service.post(Array("[\(one),\(two)]".utf8), headers: headers)
        #expect(response.status == 202)
        #expect(try JSON(parsing: response.body).array?.compactMap { $0["id"]?.string } == ["1", "2"])
        #expect(try await service.stop() == 0)
    }
}
