import Basics
import Model
import RepoCache
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct GitDaemonTests {
    @Test func aCacheFollowsItsBranches() async throws {
        let daemon = try GitDaemon()
        let bare = try await BareRepository(at: daemon.repository("shop"))
        try await BranchChanges(fixture: try CacheFixture(daemon.url("shop")), bare: bare).expectFollowed()
    }

    @Test("A repository that is missing is not found", arguments: [true, false])
    func missing(isInformative: Bool) async throws {
        let daemon = try GitDaemon(isInformative: isInformative)
        let fixture = try CacheFixture(daemon.url("none"))
        let error = await #expect(throws: RepoCacheError.self) { try await fixture.snapshot() }
        #expect(error?.failureClass == "not found", "\(String(describing: error))")
        FaultFixture.expectSentence(error?.description ?? "", names: daemon.url("none"), "missing")
    }

    @Test func aDaemonThatIsDownIsServedFromTheCache() async throws {
        var daemon: GitDaemon? = try GitDaemon()
        let url = try #require(daemon).url("shop")
        try await BareRepository(at: try #require(daemon).repository("shop")).commit(["genericexecutor/a.sh": "first"])
        let fixture = try CacheFixture(url)
        _ = try await fixture.snapshot()
        daemon = nil
        let lease = try await fixture.snapshot()
        #expect(fixture.text("a.sh", .project, of: lease) == "first")
        let staleness = try #require(lease.snapshot.staleness)
        #expect(staleness.failureClass == "connect")
        FaultFixture.expectSentence(staleness.reason, names: url, "down")
    }

    @Test func aServerThatSaysNothingIsGivenUp() async throws {
        let silent = try SilentServer()
        let url = "git://127.0.0.1:\(silent.port)/shop.git"
        let error = await #expect(throws: RepoCacheError.self) { try await CacheFixture(url).snapshot(within: .seconds(25)) }
        #expect(error?.failureClass == "timeout", "\(String(describing: error))")
        FaultFixture.expectSentence(error?.description ?? "", names: url, "silent")
    }
}
