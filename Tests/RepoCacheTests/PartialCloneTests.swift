import Basics
import Model
import RepoCache
import TestSupport
import Testing

/// Clones without the files that no script needs, where the server can leave them out.
@Suite(.timeLimit(.minutes(2))) struct PartialCloneTests {
    let server: GitHTTPServer
    let bare: BareRepository

    init() async throws {
        server = try GitHTTPServer()
        bare = try await BareRepository(at: server.repository("shop"))
        try await bare.git("config", "uploadpack.allowFilter", "true")
    }

    /// More files than a clone is made whole for, beside two script folders.
    private func fill() async throws {
        var files: [String: BareRepository.Change] = ["genericexecutor/a.sh": "project", "carts/genericexecutor/a.sh": "carts"]
        for number in 0..<2_100 { files["data/\(number / 100)/\(number)"] = .file(Array("file \(number)\n".utf8)) }
        try await bare.commit(files)
        try await bare.commit(["orders/genericexecutor/a.sh": "orders", "orders/genericexecutor/lib/b.sh": "b"], on: "dev")
    }

    @Test func aLargeRepositoryComesWithoutItsOtherFiles() async throws {
        try await fill()
        let fixture = try CacheFixture(server.http("/public/shop.git"))
        #expect(fixture.text("a.sh", .service, of: try await fixture.snapshot("dev", "orders")) == "orders")
        #expect(fixture.text("a.sh", .project, of: try await fixture.snapshot("dev", "orders")) == "project")
        #expect(await BareRepository.damage(of: fixture.clone) == "")
        // Another service's files come after the first answer: nobody asks for them, or for any other.
        try await waitUntil { try await blobs(of: fixture) >= 4 }
        #expect(try await blobs(of: fixture) == 4)
        #expect(await BareRepository.damage(of: fixture.clone) == "")
        fixture.configure { $0.refreshMaxAge = .seconds(600) }
        let before = try server.requests().count
        #expect(fixture.text("a.sh", .project, of: try await fixture.snapshot(nil, "carts")) == "project")
        #expect(try server.requests().count == before)
    }

    /// How many files are in the clone.
    private func blobs(of fixture: CacheFixture) async throws -> Int {
        let check = ["cat-file", "--batch-all-objects", "--batch-check=%(objecttype)"]
        let objects = try await BareRepository.git("-C", fixture.clone, check[0], check[1], check[2])
        return objects.split(separator: "\n").count { $0 == "blob" }
    }

    @Test func aFolderBehindALinkIsFetchedWhenItIsNeeded() async throws {
        try await fill()
        let files: [String: BareRepository.Change] = [
            "orders/genericexecutor/a.sh": .removed, "orders/genericexecutor/lib/b.sh": .removed,
            "prices/genericexecutor": .link("../common/scripts"), "common/scripts/a.sh": .link("../more/a.sh"),
            "common/more/a.sh": "behind two links",
        ]
        try await bare.commit(files, on: "dev")
        let fixture = try CacheFixture(server.http("/public/shop.git"))
        #expect(fixture.text("a.sh", .service, of: try await fixture.snapshot("dev", "prices")) == "behind two links")
        #expect(await BareRepository.damage(of: fixture.clone) == "")
    }

    @Test func itStaysUpToDateAndWhole() async throws {
        try await fill()
        let fixture = try CacheFixture(server.http("/public/shop.git"))
        _ = try await fixture.snapshot("dev", "orders")
        let old = try await bare.git("rev-parse", "dev")
        try await bare.commit(["orders/genericexecutor/a.sh": "new", "data/x": "y"], on: "dev")
        #expect(fixture.text("a.sh", .service, of: try await fixture.snapshot("dev", "orders")) == "new")
        #expect(await BareRepository.damage(of: fixture.clone) == "")
        try await bare.commit(["data/z": "only a file that no script needs"], on: "dev")
        #expect(fixture.text("a.sh", .service, of: try await fixture.snapshot("dev", "orders")) == "new")
        #expect(fixture.text("a.sh", .service, of: try await fixture.snapshot("dev", "orders", commit: old)) == "orders")
        #expect(await BareRepository.damage(of: fixture.clone) == "")
        try fixture.reopen()
        try await bare.reset("dev", to: old)
        #expect(fixture.text("a.sh", .service, of: try await fixture.snapshot("dev", "orders")) == "orders")
        #expect(await BareRepository.damage(of: fixture.clone) == "")
    }

    @Test func aMarkThatAKilledProcessDidNotMakeIsMadeAtTheNextStart() async throws {
        try await fill()
        let fixture = try CacheFixture(server.http("/public/shop.git"))
        _ = try await fixture.snapshot("dev", "orders")
        fixture.close()
        let packs = "\(fixture.clone)/objects/pack"
        for name in try Files.list(packs) where name.hasSuffix(".promisor") { Files.removeTree("\(packs)/\(name)") }
        guard await BareRepository.damage(of: fixture.clone) != "" else {
            // It is fetched behind the answer, and may be faster than this test.
            print("not tested: the rest of the files is there already, so nothing is missing without the mark")
            return
        }
        try fixture.reopen()
        _ = try await fixture.snapshot("dev", "orders")
        #expect(await BareRepository.damage(of: fixture.clone) == "")
    }

    @Test func aServerThatFiltersNoLongerIsNoTrouble() async throws {
        try await fill()
        let fixture = try CacheFixture(server.http("/public/shop.git"))
        _ = try await fixture.snapshot("dev", "orders")
        try await bare.git("config", "uploadpack.allowFilter", "false")
        try fixture.reopen()
        try await bare.commit(["orders/genericexecutor/a.sh": "new", "data/0/1": "changed"], on: "dev")
        #expect(fixture.text("a.sh", .service, of: try await fixture.snapshot("dev", "orders")) == "new")
        #expect(await BareRepository.damage(of: fixture.clone) == "")
    }

    @Test func aSmallRepositoryIsCloned() async throws {
        try await bare.commit(["genericexecutor/a.sh": "project", "data/x": "x", "data/y": .executable([1, 2])])
        let fixture = try CacheFixture(server.http("/public/shop.git"))
        #expect(fixture.text("a.sh", .project, of: try await fixture.snapshot("dev", "orders")) == "project")
        let packs = try Files.list("\(fixture.clone)/objects/pack")
        #expect(!packs.contains { $0.hasSuffix(".promisor") })
        #expect(await BareRepository.damage(of: fixture.clone) == "")
        #expect(try await BareRepository.git("-C", fixture.clone, "show", "main:data/x") == "x")
        try await bare.commit(["genericexecutor/a.sh": "changed"])
        #expect(fixture.text("a.sh", .project, of: try await fixture.snapshot("dev", "orders")) == "changed")
        #expect(await BareRepository.damage(of: fixture.clone) == "")
    }
}
