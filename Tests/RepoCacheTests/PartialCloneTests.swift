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
        let blobs = try await BareRepository.git(
            "-C",
            fixture.clone,
            "cat-file",
            "--batch-all-objects",
            "--batch-check=%(objecttype)"
        )
        #expect(blobs.split(separator: "\n").count { $0 == "blob" } == 4)
        // Another service's files came with the first: nobody asks for them.
        fixture.configure { $0.refreshMaxAge = .seconds(600) }
        let before = try server.requests().count
        #expect(fixture.text("a.sh", .project, of: try await fixture.snapshot(nil, "carts")) == "project")
        #expect(try server.requests().count == before)
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
        #expect(await BareRepository.damage(of: fixture.clone) != "")
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
