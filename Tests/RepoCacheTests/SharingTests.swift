import Basics
import Model
import RepoCache
import TestSupport
import Testing

/// Many who ask at once share a question, but nobody gets an answer that is older than the question could be.
@Suite(.timeLimit(.minutes(2))) struct SharingTests {
    let server: FaultServer
    let bare: BareRepository

    init() async throws {
        server = try FaultServer()
        bare = try await BareRepository(at: server.repository("shop"))
        try await bare.commit(["genericexecutor/a.sh": "0"])
    }

    @Test func aThousandEventsAreTwoQuestions() async throws {
        let fixture = try CacheFixture(server.url("/shop.git"))
        _ = try await fixture.snapshot()
        let before = try await server.requests().count
        try await server.set(.hold, at: .question, times: 1)
        let texts = try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<1_000 { group.addTask { fixture.text("a.sh", .project, of: try await fixture.snapshot()) } }
            try await server.waitForHeld()
            // The first question is on its way; what is pushed now, the second one sees.
            try await bare.commit(["genericexecutor/a.sh": "1"])
            try await server.heal()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let requests = try await server.requests().dropFirst(before)
        #expect(requests.count { $0.step == .question } <= 2, "\(requests)")
        #expect(texts.count == 1_000 && Set(texts).isSubset(of: ["0", "1"]))
    }

    @Test func eachEventSeesWhatWasPushedBeforeItArrived() async throws {
        let fixture = try CacheFixture(server.url("/shop.git"))
        _ = try await fixture.snapshot()
        let committer = try FastCommitter(bare)
        let before = try await server.requests().count
        let events = 400
        let stale = try await withThrowingTaskGroup(of: (pushed: Int, seen: Int).self) { group in
            for number in 1...events {
                // Several events between two pushes, and pushes while questions are on their way.
                if number % 4 == 0 { try await committer.commit(["genericexecutor/a.sh": .file(Array("\(number)".utf8))]) }
                let pushed = number / 4 * 4
                group.addTask {
                    let text = fixture.text("a.sh", .project, of: try await fixture.snapshot())
                    return (pushed, text.flatMap { Int($0) } ?? -1)
                }
            }
            return try await group.reduce(into: []) { if $1.seen < $1.pushed { $0.append($1) } }
        }
        #expect(stale.isEmpty, "\(stale)")
        #expect(try await server.requests().dropFirst(before).count { $0.step == .question } < events / 2)
        #expect(await BareRepository.damage(of: fixture.clone) == "")
    }

    @Test func aCallerWhoGivesUpDoesNotEndTheQuestion() async throws {
        let fixture = try CacheFixture(server.url("/shop.git"))
        _ = try await fixture.snapshot()
        try await server.set(.hold, at: .question, times: 1)
        let patient = Task { fixture.text("a.sh", .project, of: try await fixture.snapshot()) }
        try await server.waitForHeld()
        let hasty = try await fixture.snapshot(within: .seconds(1))
        #expect(hasty.snapshot.staleness?.failureClass == "timeout")
        try await bare.commit(["genericexecutor/a.sh": "1"])
        try await server.heal()
        #expect(["0", "1"].contains(try await patient.value))
        #expect(fixture.text("a.sh", .project, of: try await fixture.snapshot()) == "1")
    }
}
