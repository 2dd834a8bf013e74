import Basics
import Curl
import Git
import Model
import RepoCache
import TestSupport
import Testing

/// The same changes through each kind of remote; after each of them the files are right and `git fsck` has nothing to say.
@Suite(.timeLimit(.minutes(3))) struct RefreshTests {
    enum Remote: CaseIterable, Sendable {
        case path
        case file
        case http
        case https
    }

    private func fixture(_ remote: Remote, _ server: GitHTTPServer) throws -> CacheFixture {
        switch remote {
        case .path: return try CacheFixture(server.repository("shop"))
        case .file: return try CacheFixture("file://" + server.repository("shop"))
        case .http: return try CacheFixture(server.http("/public/shop.git"))
        case .https:
            return try CacheFixture(server.https("/private/shop.git")) {
                $0.access.credentials = BasicCredentials(user: GitHTTPServer.user, password: GitHTTPServer.password)
                $0.access.authorities = .file(server.caFile)
            }
        }
    }

    private func expectClean(_ fixture: CacheFixture, after change: String) async {
        guard Files.isDirectory(fixture.clone) else { return }
        #expect(await BareRepository.damage(of: fixture.clone) == "", "after \(change)")
    }

    @Test("A cache follows whatever happens to branches", arguments: Remote.allCases)
    func changes(remote: Remote) async throws {
        let server = try GitHTTPServer()
        let bare = try await BareRepository(at: server.repository("shop"))
        let fixture = try fixture(remote, server)
        let file = "genericexecutor/a.sh"

        let first = try await bare.commit([file: "project 1", "README.md": "x"])
        let start = try await bare.commit(["carts/\(file)": "service 1", file: "stage 1"], on: "dev")
        var lease = try await fixture.snapshot("dev", "carts")
        #expect(lease.snapshot.places.map(\.level) == [.service, .stage, .project])
        #expect(lease.snapshot.places.map(\.commit) == [start, start, first])
        #expect(lease.snapshot.places.map(\.branch) == ["dev", "dev", "main"])
        #expect(Level.allCases.map { fixture.text("a.sh", $0, of: lease) } == ["service 1", "stage 1", "project 1"])
        #expect(lease.snapshot.staleness == nil && lease.snapshot.warnings == [])
        await expectClean(fixture, after: "clone")

        try await bare.commit([file: "stage 2"], on: "dev")
        lease = try await fixture.snapshot("dev", "carts")
        #expect(Level.allCases.map { fixture.text("a.sh", $0, of: lease) } == ["service 1", "stage 2", "project 1"])
        await expectClean(fixture, after: "commit")

        let forced = try await bare.commit([file: "stage forced"], on: "dev", parent: start)
        lease = try await fixture.snapshot("dev", "carts")
        #expect(lease.snapshot.places.map(\.commit) == [forced, forced, first])
        #expect(fixture.text("a.sh", .stage, of: lease) == "stage forced")
        await expectClean(fixture, after: "force push")

        try await bare.reset("dev", to: start)
        lease = try await fixture.snapshot("dev", "carts")
        #expect(fixture.text("a.sh", .stage, of: lease) == "stage 1")
        await expectClean(fixture, after: "rewind")

        try await bare.delete("dev")
        lease = try await fixture.snapshot("dev", "carts")
        #expect(lease.snapshot.places.map(\.level) == [.project])
        #expect(lease.snapshot.warnings.count == 1 && lease.snapshot.warnings[0].contains("stage dev has no branch"))
        await expectClean(fixture, after: "delete")

        let unrelated = try await bare.commit([file: "stage unrelated"], on: "dev", parent: "")
        lease = try await fixture.snapshot("dev", "carts")
        #expect(lease.snapshot.places[1].commit == unrelated)
        #expect(fixture.text("a.sh", .stage, of: lease) == "stage unrelated")
        #expect(fixture.text("a.sh", .service, of: lease) == nil)
        await expectClean(fixture, after: "unrelated history")

        try await bare.git("update-ref", "refs/heads/main", forced)
        try await bare.prune()
        lease = try await fixture.snapshot("dev", "carts")
        #expect(lease.snapshot.places[2].commit == forced)
        await expectClean(fixture, after: "merge and server gc")

        Files.removeTree(bare.path)
        let anew = try await BareRepository(at: bare.path, defaultBranch: "trunk")
        try await anew.commit([file: "project anew"], on: "trunk")
        lease = try await fixture.snapshot("dev", "carts")
        #expect(lease.snapshot.places.map(\.branch) == ["trunk"])
        #expect(fixture.text("a.sh", .project, of: lease) == "project anew")
        await expectClean(fixture, after: "re-creation")

        try fixture.reopen()
        try await anew.commit([file: "project after restart"], on: "trunk")
        lease = try await fixture.snapshot("dev", "carts")
        #expect(fixture.text("a.sh", .project, of: lease) == "project after restart")
        await expectClean(fixture, after: "restart")
    }

    @Test("The default branch is learned, or set", arguments: ["main", "master", "trunk", "release/1.0"])
    func defaultBranch(name: String) async throws {
        let server = try GitHTTPServer()
        let bare = try await BareRepository(at: server.repository("shop"), defaultBranch: name)
        try await bare.commit(["genericexecutor/a.sh": "project"], on: name)
        try await bare.commit(["genericexecutor/a.sh": "other"], on: "other")
        for remote in [Remote.path, .http] {
            let fixture = try fixture(remote, server)
            let lease = try await fixture.snapshot()
            #expect(lease.snapshot.places.map(\.branch) == [name])
            fixture.configure { $0.defaultBranch = "other" }
            #expect(fixture.text("a.sh", .project, of: try await fixture.snapshot()) == "other")
        }
    }

    @Test func nothingNewIsOneRequest() async throws {
        let server = try GitHTTPServer()
        let bare = try await BareRepository(at: server.repository("shop"))
        try await bare.commit(["genericexecutor/a.sh": "x"])
        try await bare.commit(["genericexecutor/a.sh": "y"], on: "dev")
        let fixture = try fixture(.http, server)
        _ = try await fixture.snapshot("dev")
        let before = try server.requests()
        #expect(before.map { $0.split(separator: " ")[0] } == ["GET", "POST", "POST"])
        _ = try await fixture.snapshot("dev", "carts")
        #expect(try server.requests().dropFirst(before.count) == ["POST /public/shop.git/git-upload-pack 200"])
    }

    @Test func manyWhoAskAtOnceShareOneQuestion() async throws {
        let server = try GitHTTPServer()
        let bare = try await BareRepository(at: server.repository("shop"))
        try await bare.commit(["genericexecutor/a.sh": "x"])
        let fixture = try fixture(.http, server)
        _ = try await fixture.snapshot()
        let before = try server.requests().count
        try await bare.commit(["genericexecutor/a.sh": "new"])
        let texts = try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<100 { group.addTask { fixture.text("a.sh", .project, of: try await fixture.snapshot()) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(texts.count == 100 && Set(texts) == ["new"])
        // One in flight for the first, one for all others, and the fetch of the new commit.
        #expect(try server.requests().count - before <= 3)
    }

    @Test func aRecentAnswerIsGoodEnoughIfTheSettingsSaySo() async throws {
        let server = try GitHTTPServer()
        let bare = try await BareRepository(at: server.repository("shop"))
        try await bare.commit(["genericexecutor/a.sh": "x"])
        let fixture = try fixture(.http, server)
        fixture.configure { $0.refreshMaxAge = .seconds(3_600) }
        _ = try await fixture.snapshot()
        let before = try server.requests().count
        #expect(fixture.text("a.sh", .project, of: try await fixture.snapshot()) == "x")
        #expect(try server.requests().count == before)
        _ = try await fixture.snapshot("dev")
        #expect(try server.requests().count == before + 1)
    }

    @Test func anotherAddressIsAnotherRepository() async throws {
        let server = try GitHTTPServer()
        let bare = try await BareRepository(at: server.repository("shop"))
        try await bare.commit(["genericexecutor/a.sh": "old"])
        let other = try await BareRepository(at: server.repository("other"))
        try await other.commit(["genericexecutor/a.sh": "new"])
        let fixture = try fixture(.http, server)
        #expect(fixture.text("a.sh", .project, of: try await fixture.snapshot()) == "old")
        fixture.configure { $0.remote = server.http("/public/none.git") }
        await #expect(throws: RepoCacheError.self) { try await fixture.snapshot() }
        fixture.configure { $0.remote = server.http("/public/other.git") }
        #expect(fixture.text("a.sh", .project, of: try await fixture.snapshot()) == "new")
        await expectClean(fixture, after: "another address")
        #expect(try String(decoding: Files.read("\(fixture.project)/state.json"), as: UTF8.self).contains("other.git"))
    }
}
