import Basics
import CloudEvents
import Curl
import ServerTestSupport
import TestSupport
import Testing

/// The built program, killed with SIGKILL at any moment while events come and answers go, also while its disk is full and while
/// nobody takes the answers. `CHAOS_KILLS` says how often; `make chaos` wants 200.
@Suite(.serialized, .timeLimit(.minutes(Effort.chaosKills / 10 + 5))) struct ChaosTests {
    @Test(
        "Whenever it is killed, each event that was accepted is run once and answered once",
        arguments: ChaosSite.Place.allCases
    )
    func kills(place: ChaosSite.Place) async throws {
        let kills = Effort.chaosKills / 2
        let site = try await ChaosSite(place, kills: kills)
        let start = ContinuousClock.now
        let record = try await site.run(kills: kills)
        let findings = record.findings
        for finding in findings.prefix(20) { Issue.record("\(finding)") }
        print(
            "chaos on \(place.rawValue): \(kills) kills, \(record.accepted.count) events accepted, \(record.interrupted) runs interrupted,",
            "\(record.repeats) answers repeated, \(record.delays) events delayed, \(findings.count) findings, \((ContinuousClock.now - start).seconds) s"
        )
        // Else the kills hit nothing.
        #expect(record.interrupted > 0)
        #expect(record.delays > 0 || !record.isDiskSmall)
        #expect(record.accepted.count >= 10 * kills)
    }

    @Test("The same event sent 100 times at once, and again after a kill, runs once")
    func sameEvent() async throws {
        let fixture = try await ProjectFixture()
        let markers = fixture.directory.path + "/markers"
        try await fixture.commit(["genericexecutor/test.triggered.sh": "echo \"$ID $RUN_ID\" >> \"$ENV_MARKERS\""])
        let event = KeptnEvent.v08("sh.keptn.event.test.triggered")

        /// - Returns: the runs that the senders were told, one for each.
        func send(to service: ServiceProcess) async throws -> [String] {
            try await withThrowingTaskGroup(of: String?.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        let response = try await service.post(event)
                        return [200, 202].contains(response.status) ? try JSON(parsing: response.body)["run"]?.string : nil
                    }
                }
                return try await group.reduce(into: [String]()) { if let run = $1 { $0.append(run) } }
            }
        }

        let service = try await fixture.start(["MARKERS": markers])
        let runs = try await send(to: service)
        try await waitUntil { Files.size(markers) > 0 }
        try await service.kill()
        let next = try await fixture.start(["MARKERS": markers], in: service.directory)
        let later = try await send(to: next)
        try await fixture.keptn.wait { events in events.contains { $0.type.hasSuffix(".finished") } }
        #expect(try await next.stop() == 0)

        #expect(runs.count == 100 && later.count == 100)
        let run = try #require(runs.first)
        #expect(Set(runs + later) == [run])
        let lines = String(decoding: try Files.read(markers), as: UTF8.self).split(separator: "\n").map(String.init)
        #expect(lines == ["\(event["id"]?.string ?? "") \(run)"])
        let kinds = Dictionary(grouping: fixture.keptn.events, by: \.type).mapValues { Set($0.map(\.id)).count }
        #expect(kinds == ["sh.keptn.event.test.started": 1, "sh.keptn.event.test.finished": 1])
    }
}
