import Basics
import CloudEvents
import Curl
import ServerTestSupport
import TestSupport
import Testing

/// `SCRIPT_CONCURRENCY_PER_SERVICE` through the built program.
@Suite(.timeLimit(.minutes(3))) struct ServiceOrderTests {
    private static let count = 15
    /// Tells when it begins and ends, and takes its time. The first one of carts ends only when all of orders have.
    private static let script = """
        #!/bin/bash
        echo "$ID begins" >> "$ENV_JOURNAL"
        if [[ $ID == carts-0 ]]; then
            until [[ $(grep -c '^orders-.* ends$' "$ENV_JOURNAL") == \(count) ]]; do sleep 0.02; done
        fi
        sleep "0.0$((RANDOM % 10))"
        echo "$ID ends" >> "$ENV_JOURNAL"
        """

    @Test("The events of a service run one by one in the order of acceptance, and hold up no other service")
    func order() async throws {
        let fixture = try await ProjectFixture()
        try await fixture.commit(["genericexecutor/test.triggered.sh": .file(Array(Self.script.utf8))])
        let journal = fixture.directory.path + "/journal"
        let service = try await fixture.start([
            "SCRIPT_CONCURRENCY": "4", "SCRIPT_CONCURRENCY_PER_SERVICE": "1", "SCRIPT_TIMEOUT": "60s", "JOURNAL": journal,
        ])
        for number in 0..<Self.count {
            for name in ["carts", "orders"] {
                let event = KeptnEvent.v08(
                    "sh.keptn.event.test.triggered",
                    id: "\(name)-\(number)",
                    context: "context-\(number)",
                    data: ["service": .string(name)]
                )
                #expect(try await service.post(event).status == 202)
            }
        }
        let answers = try await fixture.keptn.wait(for: 4 * Self.count)
        let failed = answers.filter { $0.type.hasSuffix(".finished") && $0.dataObject?["result"] != "pass" }
        #expect(failed.isEmpty, "the first of \(failed.count): \(failed.first.map { "\($0)" } ?? "")")

        let lines = String(decoding: try Files.read(journal), as: UTF8.self).split(separator: "\n").map(String.init)
        for name in ["carts", "orders"] {
            let expected = (0..<Self.count).flatMap { ["\(name)-\($0) begins", "\(name)-\($0) ends"] }
            #expect(lines.filter { $0.hasPrefix(name) } == expected)
        }
        #expect(lines.firstIndex(of: "carts-0 ends") ?? 0 > lines.firstIndex(of: "orders-\(Self.count - 1) ends") ?? .max)
        #expect(try await service.stop() == 0)
    }
}
