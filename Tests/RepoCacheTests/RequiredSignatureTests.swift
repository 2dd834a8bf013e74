import Basics
import Model
import RepoCache
import TestSupport
import Testing

/// Repositories whose commits must be signed, from the server to the folder on disk.
@Suite(.timeLimit(.minutes(2))) struct RequiredSignatureTests {
    enum Way: CaseIterable, Sendable {
        case path
        case http
    }

    let server: GitHTTPServer
    let bare: BareRepository
    let signers: Signers
    let list: String

    init() async throws {
        server = try GitHTTPServer()
        bare = try await BareRepository(at: server.repository("shop"))
        signers = try Signers(repository: bare.path)
        list = try signers.allow("anna@example.org \(try await signers.makeSSHKey("anna"))")
    }

    private func fixture(_ way: Way) throws -> CacheFixture {
        try CacheFixture(way == .path ? bare.path : server.http("/public/shop.git")) {
            $0.signatures = SignaturePolicy(allowedSignersFile: list)
        }
    }

    private func expectRefusal(_ fixture: CacheFixture, _ stage: String? = nil, commit: String? = nil) async {
        let error = await #expect(throws: RepoCacheError.self) { try await fixture.snapshot(stage, commit: commit) }
        #expect(error?.failureClass == "signature", "\(String(describing: error))")
    }

    @Test("The last good commit is served until a good one comes, and other branches go on", arguments: Way.allCases)
    func lastGood(way: Way) async throws {
        let first = try await signers.commit("one", by: .ssh("anna"))
        let fixture = try fixture(way)
        #expect(fixture.text("a.sh", .project, of: try await fixture.snapshot("dev")) == "one")

        let unsigned = try await signers.commit("two", by: .none, parents: [first])
        let dev = try await signers.commit("dev", by: .ssh("anna"), parents: [first])
        try await bare.reset("main", to: unsigned)
        try await bare.git("update-ref", "refs/heads/dev", dev)
        let lease = try await fixture.snapshot("dev")
        #expect(fixture.text("a.sh", .project, of: lease) == "one" && fixture.text("a.sh", .stage, of: lease) == "dev")
        #expect(lease.snapshot.staleness?.failureClass == "signature")
        #expect(lease.snapshot.staleness?.reason.contains("is not signed") == true)
        if way == .http { #expect(try await BareRepository.git("-C", fixture.clone, "rev-parse", "main") == first) }

        fixture.configure { $0.onFailure = .fail }
        await expectRefusal(fixture, "dev")
        let signed = try await signers.commit("three", by: .ssh("anna"), parents: [unsigned])
        let good = try await fixture.snapshot("dev")
        #expect(fixture.text("a.sh", .project, of: good) == "three" && good.snapshot.staleness == nil)
        #expect(good.snapshot.places.last?.commit == signed)
        if way == .http { #expect(await BareRepository.damage(of: fixture.clone) == "") }
    }

    @Test("Nothing is served of a repository that has no good commit, whatever is held", arguments: Way.allCases)
    func noGood(way: Way) async throws {
        _ = try await signers.commit("one", by: .none)
        let fixture = try fixture(way)
        await expectRefusal(fixture)
        fixture.configure { $0.signatures = nil }
        #expect(fixture.text("a.sh", .project, of: try await fixture.snapshot()) == "one")
        // It is held now, but from now on it must be signed.
        fixture.configure { $0.signatures = SignaturePolicy(allowedSignersFile: list) }
        await expectRefusal(fixture)
        fixture.configure { $0.refreshMaxAge = .seconds(3_600) }
        await expectRefusal(fixture)
        #expect(await fixture.cache.lastKnown(Scope(project: PlainName("shop"), stage: nil, service: nil)) == nil)
    }

    @Test("Who may no longer sign counts no more, for old commits neither", arguments: Way.allCases)
    func withdrawn(way: Way) async throws {
        _ = try await signers.commit("one", by: .ssh("anna"))
        let fixture = try fixture(way)
        _ = try await fixture.snapshot()
        try signers.allow("bert@example.org \(try await signers.makeSSHKey("bert"))")
        await expectRefusal(fixture)
    }

    @Test("A commit that an event names must be signed, too", arguments: Way.allCases)
    func pinned(way: Way) async throws {
        let unsigned = try await signers.commit("one", by: .none)
        let tip = try await signers.commit("two", by: .ssh("anna"), parents: [unsigned])
        try await bare.git("update-ref", "refs/heads/dev", tip)
        let fixture = try fixture(way)
        #expect(fixture.text("a.sh", .stage, of: try await fixture.snapshot("dev", commit: tip)) == "two")
        let lease = try await fixture.snapshot("dev", commit: unsigned)
        #expect(fixture.text("a.sh", .stage, of: lease) == "two" && lease.snapshot.staleness?.failureClass == "signature")
        fixture.configure { $0.onFailure = .fail }
        await expectRefusal(fixture, "dev", commit: unsigned)
    }

    @Test func aRefusedCommitIsFetchedOnce() async throws {
        let first = try await signers.commit("one", by: .ssh("anna"))
        let fixture = try fixture(.http)
        _ = try await fixture.snapshot()
        _ = try await signers.commit("two", by: .none, parents: [first])
        _ = try await fixture.snapshot()
        let before = try server.requests().count
        for _ in 0..<5 { _ = try await fixture.snapshot() }
        #expect(try server.requests().count == before + 5)
    }
}
