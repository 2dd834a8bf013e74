import CloudEvents
import Curl
import ServerTestSupport
import TestSupport
import Testing

/// Files that people push by mistake or on purpose: each gives an answer with a sentence, and the service goes on.
@Suite(.timeLimit(.minutes(2))) struct OddScriptTests {
    struct Odd: Sendable, CustomTestStringConvertible {
        let name: String
        var files: [String: BareRepository.Change]
        var status: String? = "succeeded"
        var result: String? = "pass"
        var part = ""

        var testDescription: String { name }
    }

    private static func http(_ text: String) -> [String: BareRepository.Change] {
        ["genericexecutor/test.triggered.http": .file(Array(text.utf8))]
    }

    static let odd: [Odd] = [
        Odd(name: "an empty script counts as none", files: ["genericexecutor/test.triggered.sh": ""], status: nil, result: nil),
        Odd(
            name: "bytes that are not UTF-8",
            files: ["genericexecutor/test.triggered.sh": .file(Array("echo ".utf8) + [0xFF, 0xFE])],
            part: "\u{FFFD}"
        ),
        Odd(
            name: "CRLF",
            files: ["genericexecutor/test.triggered.sh": "#!/bin/bash\r\ncd /nowhere\r\n"],
            result: "fail",
            part: "CRLF"
        ),
        Odd(name: "a folder that is a link to /etc", files: ["genericexecutor": .link("/etc")], status: nil, result: nil),
        Odd(
            name: "a script that is a link out of the repository",
            files: ["genericexecutor/test.triggered.sh": .link("../../../../etc/passwd")],
            status: nil,
            result: nil
        ),
        Odd(
            name: "a script that is a link inside the repository",
            files: ["genericexecutor/test.triggered.sh": .link("../tools/run.sh"), "tools/run.sh": "echo linked"],
            part: "linked"
        ),
        Odd(name: "no URL", files: http("# nothing\n"), status: "errored", result: "fail", part: "holds no request"),
        Odd(
            name: "an unknown host",
            files: http("GET http://does-not-exist.invalid/\n"),
            status: "errored",
            result: "fail",
            part: "does-not-exist.invalid"
        ),
        Odd(
            name: "a port where nobody listens",
            files: http("GET http://127.0.0.1:1/\n"),
            status: "errored",
            result: "fail",
            part: "127.0.0.1:1"
        ),
        Odd(
            name: "an unknown name in braces",
            files: http("GET http://127.0.0.1:1/{{NOPE}}\n"),
            status: "errored",
            result: "fail",
            part: "NOPE"
        ),
        Odd(name: "labels that are odd", files: ["genericexecutor/test.triggered.sh": "echo $LABEL_N"], part: "7"),
    ]

    @Test("Odd files are answered with a sentence", arguments: odd)
    func answers(odd: Odd) async throws {
        let directory = try TemporaryDirectory()
        let repository = try await BareRepository(at: directory.path + "/sockshop.git")
        try await repository.commit(odd.files)
        let recorder = try await EventRecorder.start()
        let service = try await ServiceProcess.start(["GIT_REMOTE": repository.path, "EVENTBROKER": recorder.url])
        let event = KeptnEvent.v08("sh.keptn.event.test.triggered", data: ["labels": ["n": 7, "l": [1], "z": .null]])
        #expect(try await service.post(event).status == 202)
        guard let status = odd.status, let result = odd.result else {
            #expect(await service.logEntry { $0["message"] == "nothing to run" } != nil)
            #expect(try await service.stop() == 0)
            #expect(recorder.events.isEmpty)
            return
        }
        let data = try #require(try await recorder.wait(for: 2)[1].dataObject)
        #expect(data["status"]?.string == status && data["result"]?.string == result, "\(JSON.object(data).text)")
        #expect(data["message"]?.string?.contains(odd.part) == true, "\(JSON.object(data).text)")
        #expect(try await service.get("/health").status == 200)
        #expect(try await service.stop() == 0)
    }

    @Test("Labels of any kind are taken", arguments: [JSON.null, 7, ["a", "b"], ["k": .null], "text"])
    func labels(value: JSON) async throws {
        let directory = try TemporaryDirectory()
        let repository = try await BareRepository(at: directory.path + "/sockshop.git")
        try await repository.commit(["genericexecutor/test.triggered.sh": "echo ran"])
        let recorder = try await EventRecorder.start()
        let service = try await ServiceProcess.start(["GIT_REMOTE": repository.path, "EVENTBROKER": recorder.url])
        #expect(try await service.post(KeptnEvent.v08("sh.keptn.event.test.triggered", data: ["labels": value])).status == 202)
        #expect(try await recorder.wait(for: 2)[1].dataObject?["result"] == "pass")
        #expect(try await service.stop() == 0)
    }
}
