import Basics
import Model
import Processes
import RepoCache
import TestSupport
import Testing

/// A clone grows with each fetch; a fresh one takes its place before that matters, and nobody waits for it.
@Suite(.timeLimit(.minutes(2))) struct CompactionTests {
    let server: GitHTTPServer
    let bare: BareRepository
    let fixture: CacheFixture

    init() async throws {
        server = try GitHTTPServer()
        bare = try await BareRepository(at: server.repository("shop"))
        try await bare.commit(["genericexecutor/a.sh": "0"])
        fixture = try CacheFixture(server.http("/public/shop.git"))
    }

    private func packs() throws -> Int { try Files.list("\(fixture.clone)/objects/pack").count { $0.hasSuffix(".pack") } }

    @Test func manyFetchesDoNotPileUp() async throws {
        var most = 0
        for number in 1...120 {
            try await bare.commit(["genericexecutor/a.sh": .file(Array("\(number)".utf8))])
            #expect(fixture.text("a.sh", .project, of: try await fixture.snapshot()) == "\(number)")
            most = max(most, try packs())
        }
        // The fresh clone is made while events go on, which may bring some more packs.
        #expect(most > 50 && most < 80, "\(most)")
        #expect(await BareRepository.damage(of: fixture.clone) == "")
        #expect(!(try Files.list("\(fixture.project)/tmp")).contains { $0.hasPrefix("previous") })
        try fixture.reopen()
        #expect(fixture.text("a.sh", .project, of: try await fixture.snapshot()) == "120")
        let names = try Files.list(fixture.project).filter { $0 != "tmp" }
        #expect(names == ["repository.git", "snapshots", "state.json"])
    }

    @Test("A clone that was being exchanged when the process was killed is there after the next start", arguments: [true, false])
    func killedWhileExchanging(isNewPublished: Bool) async throws {
        _ = try await fixture.snapshot()
        fixture.close()
        let previous = "\(fixture.project)/tmp/previous.git"
        try Files.createDirectory("\(fixture.project)/tmp")
        try await BareRepository.git(
            "clone",
            "--quiet",
            "--bare",
            "--depth=1",
            "file://\(bare.path)",
            "\(fixture.project)/tmp/clone-7"
        )
        try await run("mv", fixture.clone, previous)
        if isNewPublished { try await run("mv", "\(fixture.project)/tmp/clone-7", fixture.clone) }
        let requests = try server.requests().count
        try fixture.reopen()
        fixture.configure { $0.refreshMaxAge = .seconds(600) }
        #expect(fixture.text("a.sh", .project, of: try await fixture.snapshot()) == "0")
        #expect(try server.requests().count == requests)
        #expect(!Files.exists("\(fixture.project)/tmp/clone-7") && !Files.exists(previous))
        #expect(await BareRepository.damage(of: fixture.clone) == "")
    }

    private func run(_ program: String, _ arguments: String...) async throws {
        let command = Command("/usr/bin/\(program)", arguments)
        #expect(try await command.collect(until: .after(.seconds(10))).exit.isSuccess)
    }
}
