import Basics
import Model
import RepoCache
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct PinnedCommitTests {
    private let server: GitHTTPServer
    private let bare: BareRepository

    init() async throws {
        server = try GitHTTPServer()
        bare = try await BareRepository(at: server.repository("shop"))
        try await bare.commit(["genericexecutor/a.sh": "project"])
    }

    private func fixture(_ isLocal: Bool, _ configure: (inout RepositorySettings) -> Void = { _ in }) throws -> CacheFixture {
        try CacheFixture(isLocal ? bare.path : server.http("/public/shop.git"), configure: configure)
    }

    @Test("An older commit of the stage is used, and once held not asked for again", arguments: [true, false])
    func olderCommit(isLocal: Bool) async throws {
        var commits: [String] = []
        for number in 0..<5 {
            commits.append(try await bare.commit(["genericexecutor/a.sh": .file(Array("stage \(number)".utf8))], on: "dev"))
        }
        let fixture = try fixture(isLocal)
        for (index, commit) in commits.enumerated() {
            let lease = try await fixture.snapshot("dev", "carts", commit: commit.uppercased())
            #expect(fixture.text("a.sh", .stage, of: lease) == "stage \(index)")
            #expect(fixture.text("a.sh", .project, of: lease) == "project")
            #expect(lease.snapshot.places.map(\.commit).prefix(2) == [commit, commit])
            #expect(lease.snapshot.staleness == nil)
        }
        if !isLocal { #expect(await BareRepository.damage(of: fixture.clone) == "") }
        try fixture.reopen()
        let before = try server.requests().count
        _ = try await fixture.snapshot("dev", "carts", commit: commits[1])
        // First contact and the question about the project's level; none about the commit.
        if !isLocal { #expect(try server.requests().count - before == 2) }
    }

    @Test("A commit of somebody else is refused", arguments: [true, false])
    func unreachable(isLocal: Bool) async throws {
        let base = try await bare.commit(["genericexecutor/a.sh": "stage"], on: "dev")
        let fork = try await bare.commit(["genericexecutor/a.sh": "evil"], on: "fork", parent: base)
        let unknown = String(repeating: "1", count: 40)
        for commit in [fork, unknown, "main", "--upload-pack=x", base.prefix(10).description, ""] {
            let cached = try fixture(isLocal)
            let lease = try await cached.snapshot("dev", "carts", commit: commit)
            #expect(cached.text("a.sh", .stage, of: lease) == "stage")
            #expect(lease.snapshot.staleness?.failureClass == "not found", "\(commit)")
            let strict = try fixture(isLocal) { $0.onFailure = .fail }
            let error = await #expect(throws: RepoCacheError.self) { try await strict.snapshot("dev", "carts", commit: commit) }
            #expect(error?.failureClass == "not found")
        }
    }

    @Test func aCommitOfAStageWithoutABranchIsNotUsed() async throws {
        let fork = try await bare.commit(["genericexecutor/a.sh": "evil"], on: "fork")
        for isLocal in [true, false] {
            let lease = try await fixture(isLocal).snapshot("dev", "carts", commit: fork)
            #expect(lease.snapshot.places.map(\.level) == [.project])
        }
    }

    @Test func inTheDirectoryLayoutAHeldCommitNeedsNoQuestion() async throws {
        let path = ".keptn-stages/dev/genericexecutor/a.sh"
        let old = try await bare.commit([path: "old", "genericexecutor/a.sh": "old project"])
        try await bare.commit([path: "new"])
        let fixture = try fixture(false)
        #expect(fixture.text("a.sh", .stage, of: try await fixture.snapshot("dev")) == "new")
        let first = try await fixture.snapshot("dev", commit: old)
        let before = try server.requests().count
        let second = try await fixture.snapshot("dev", commit: old)
        #expect(try server.requests().count == before)
        for lease in [first, second] {
            #expect(fixture.text("a.sh", .stage, of: lease) == "old")
            #expect(fixture.text("a.sh", .project, of: lease) == "old project")
        }
    }

    @Test func aHeldCommitIsServedWhenTheServerIsDown() async throws {
        let directory = try TemporaryDirectory()
        var server: GitHTTPServer? = try GitHTTPServer()
        let bare = try await BareRepository(at: try #require(server).repository("shop"))
        try await bare.commit(["genericexecutor/a.sh": "project"])
        let old = try await bare.commit(["genericexecutor/a.sh": "old"], on: "dev")
        try await bare.commit(["genericexecutor/a.sh": "new"], on: "dev")
        let fixture = try CacheFixture(try #require(server).http("/public/shop.git"))
        _ = try await fixture.snapshot("dev", commit: old)
        server = nil
        let lease = try await fixture.snapshot("dev", commit: old)
        #expect(fixture.text("a.sh", .stage, of: lease) == "old")
        #expect(lease.snapshot.staleness?.failureClass == "connect")
        _ = directory
    }
}
