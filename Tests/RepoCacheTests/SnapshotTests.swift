import Basics
import Glibc
import Model
import Processes
import RepoCache
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct SnapshotTests {
    private let directory: TemporaryDirectory
    private let bare: BareRepository
    private let fixture: CacheFixture

    init() async throws {
        directory = try TemporaryDirectory()
        bare = try await BareRepository(at: "\(directory.path)/shop.git")
        fixture = try CacheFixture(bare.path)
    }

    @Test("Seed: scripts lie in [STAGE]/SERVICE, [STAGE] and [MASTER], each under genericexecutor")
    func threeLevels() async throws {
        let project = try await bare.commit([
            "genericexecutor/all.events.http": "POST", "genericexecutor/configuration.change.sh": "sh",
            "genericexecutor/configuration.change.py": "py", "shipyard.yaml": "stages: []",
        ])
        let stage = try await bare.commit(
            [
                "carts/genericexecutor/all.events.sh": "sh", "carts/genericexecutor/configuration.change.py": "py",
                "carts/genericexecutor/configuration.change.http": "GET", "carts/helm/values.yaml": "a: 1",
                "genericexecutor/all.events.py": "py", "genericexecutor/configuration.change.sh": "sh",
                "genericexecutor/configuration.change.http": "GET",
            ],
            on: "dev"
        )
        let lease = try await fixture.snapshot("dev", "carts")
        let snapshots = "\(fixture.project)/snapshots"
        #expect(lease.snapshot.places.map(\.path) == ["carts", "", ""])
        #expect(
            lease.snapshot.places.map(\.directory) == [
                "\(snapshots)/\(stage)/carts", "\(snapshots)/\(stage)", "\(snapshots)/\(project)",
            ]
        )
        #expect(
            try CacheFixture.listing("\(snapshots)/\(stage)") == [
                "d755 carts", "d555 carts/genericexecutor", "-444 carts/genericexecutor/all.events.sh",
                "-444 carts/genericexecutor/configuration.change.http", "-444 carts/genericexecutor/configuration.change.py",
                "d555 genericexecutor", "-444 genericexecutor/all.events.py", "-444 genericexecutor/configuration.change.http",
                "-444 genericexecutor/configuration.change.sh",
            ]
        )
        #expect(
            try CacheFixture.listing("\(snapshots)/\(project)") == [
                "d555 genericexecutor", "-444 genericexecutor/all.events.http", "-444 genericexecutor/configuration.change.py",
                "-444 genericexecutor/configuration.change.sh",
            ]
        )
    }

    @Test func contentsAndModesAreThoseOfTheCommit() async throws {
        let all = (0...255).map { UInt8($0) }
        try await bare.commit([
            "genericexecutor/run.sh": .executable(all), "genericexecutor/empty": "", "genericexecutor/lib/däta ü.bin": .file(all),
            "generic-executor/b.sh": "b", "genericexecutor/big": .file(Array(repeating: 65, count: 3 << 20)),
        ])
        let lease = try await fixture.snapshot()
        let root = try #require(lease.snapshot.places.first).directory
        #expect(
            try CacheFixture.listing(root) == [
                "d555 generic-executor", "-444 generic-executor/b.sh", "d555 genericexecutor", "-444 genericexecutor/big",
                "-444 genericexecutor/empty", "d555 genericexecutor/lib", "-444 genericexecutor/lib/däta ü.bin",
                "-555 genericexecutor/run.sh",
            ]
        )
        #expect(try Files.read("\(root)/genericexecutor/run.sh") == all)
        #expect(try Files.read("\(root)/genericexecutor/lib/däta ü.bin") == all)
        #expect(try Files.read("\(root)/genericexecutor/big").count == 3 << 20)
    }

    @Test(
        "What a script has done to its folder is undone before the next one runs",
        arguments: [
            "chmod u+w . a.sh; echo evil >>a.sh", "chmod u+w .; rm -f a.sh", "chmod u+w .; echo new >b.sh",
            "chmod u+w . lib; rm -f lib/c.sh; echo evil >lib/c.sh; touch -r a.sh lib/c.sh; chmod 444 lib/c.sh; chmod 555 lib .",
            "chmod u+w . lib; rm -rf ../genericexecutor", "chmod u+w . lib; rm -rf ../../../snapshots",
        ]
    )
    func damage(script: String) async throws {
        try await bare.commit(["genericexecutor/a.sh": "a", "genericexecutor/lib/c.sh": "c"])
        let first = try await fixture.snapshot()
        let root = try #require(first.snapshot.places.first).directory
        let listing = try CacheFixture.listing(root)
        let damage = Command(
            "/bin/bash",
            ["-c", script],
            environment: ["PATH": "/usr/bin:/bin"],
            directory: "\(root)/genericexecutor"
        )
        _ = try await damage.collect(until: .after(.seconds(20)))
        for _ in 0..<2 {
            let next = try await fixture.snapshot()
            #expect(try CacheFixture.listing(root) == listing)
            #expect(fixture.text("a.sh", .project, of: next) == "a" && fixture.text("lib/c.sh", .project, of: next) == "c")
        }
    }

    @Test func linksBecomeCopiesOfWhatIsInTheRepositoryAndNothingElse() async throws {
        try await bare.commit([
            "common/lib.sh": "lib", "common/deep/x": .executable(Array("x".utf8)),
            "genericexecutor/a.sh": .link("../common/lib.sh"), "genericexecutor/b.sh": .link("a.sh"),
            "genericexecutor/tools": .link("../common"),
            "genericexecutor/passwd": .link("/etc/passwd"), "genericexecutor/up": .link("../../../../etc/passwd"),
            "genericexecutor/loop": .link("loop"), "genericexecutor/self": .link("."), "genericexecutor/root": .link(".."),
            "genericexecutor/gone": .link("nowhere"), "genericexecutor/module": .submodule,
            "genericexecutor/long": .link(String(repeating: "a/", count: 3_000)),
        ])
        let lease = try await fixture.snapshot()
        let root = try #require(lease.snapshot.places.first).directory
        #expect(
            try CacheFixture.listing("\(root)/genericexecutor").filter { !$0.contains(" root/") } == [
                "-444 a.sh", "-444 b.sh", "d555 root", "d555 tools", "d555 tools/deep", "-555 tools/deep/x", "-444 tools/lib.sh",
            ]
        )
        #expect(fixture.text("b.sh", .project, of: lease) == "lib")
        let warnings = lease.snapshot.warnings
        for (name, reason) in [
            ("passwd", "out of the repository"), ("up", "out of the repository"), ("loop", "circle"), ("self", "circle"),
            ("gone", "nothing"), ("module", "submodules"), ("long", "nothing"),
        ] {
            #expect(warnings.contains { $0.hasPrefix("genericexecutor/\(name) ") && $0.contains(reason) }, "\(name): \(warnings)")
        }
    }

    @Test("A folder that is no folder is left out", arguments: ["/etc", "..", "../..", "genericexecutor", "file", ""])
    func folderItself(target: String) async throws {
        try await bare.commit(["genericexecutor": target.isEmpty ? .submodule : .link(target), "file": "x"])
        let lease = try await fixture.snapshot()
        let root = try #require(lease.snapshot.places.first).directory
        #expect(!Files.exists("\(root)/genericexecutor"))
        #expect(lease.snapshot.warnings.count == 1, "\(lease.snapshot.warnings)")
    }

    @Test func aServiceThatIsALinkIsFollowed() async throws {
        try await bare.commit(["common/genericexecutor/a.sh": "common", "carts": .link("common")], on: "dev")
        try await bare.commit(["x": "x"])
        let lease = try await fixture.snapshot("dev", "carts")
        #expect(fixture.text("a.sh", .service, of: lease) == "common")
    }

    @Test func aServiceMayBeCalledLikeAScriptFolder() async throws {
        try await bare.commit(["genericexecutor/a.sh": "stage", "genericexecutor/genericexecutor/a.sh": "service"], on: "dev")
        try await bare.commit(["x": "x"])
        let lease = try await fixture.snapshot("dev", "genericexecutor")
        #expect(fixture.text("a.sh", .service, of: lease) == "service")
        #expect(fixture.text("a.sh", .stage, of: lease) == "stage")
    }

    @Test(
        "A folder beyond the limits is an error that names it",
        arguments: [("deep", "deeper"), ("many", "more than"), ("bomb", "more than"), ("big", "larger")]
    )
    func limits(kind: String, reason: String) async throws {
        var files: [String: BareRepository.Change] = [:]
        switch kind {
        case "deep": files["genericexecutor/" + String(repeating: "d/", count: 17) + "x"] = "x"
        case "many": for number in 0...2_000 { files["genericexecutor/\(number)"] = "x" }
        case "big":
            let bytes = [UInt8](repeating: 0, count: 8 << 20)
            for number in 0..<9 { files["genericexecutor/\(number)"] = .file(bytes) }
        default:
            // Each directory has two links to the next: two to the power of twelve directories, and not one file.
            for number in 0..<12 {
                files["l/\(number)/a"] = .link("../\(number + 1)")
                files["l/\(number)/b"] = .link("../\(number + 1)")
            }
            files["l/12/x"] = "x"
            files["genericexecutor"] = .link("l/0")
        }
        try await bare.commit(files)
        let error = await #expect(throws: RepoCacheError.self) { try await fixture.snapshot() }
        #expect(error?.failureClass == "unsupported")
        #expect(error?.description.contains(reason) == true && error?.description.contains("genericexecutor") == true)
        let leftovers = (try? Files.list("\(fixture.project)/tmp")) ?? []
        #expect(leftovers == [])
    }

    @Test func aHeldSnapshotStaysAndOldOnesGo() async throws {
        let first = try await bare.commit(["genericexecutor/a.sh": "0"])
        let held = try await fixture.snapshot()
        for number in 1...12 {
            try await bare.commit(["genericexecutor/a.sh": .file(Array("\(number)".utf8))])
            let lease = try await fixture.snapshot()
            #expect(fixture.text("a.sh", .project, of: lease) == "\(number)")
            lease.release()
            lease.release()
        }
        #expect(fixture.text("a.sh", .project, of: held) == "0")
        let snapshots = "\(fixture.project)/snapshots"
        // Current, eight spare ones, and the held one. What is old goes when the answer is out.
        try await waitUntil { try Files.list(snapshots).count == 10 }
        held.release()
        try await bare.commit(["genericexecutor/a.sh": "last"])
        _ = try await fixture.snapshot()
        try await waitUntil { try Files.list(snapshots).count == 9 }
        #expect(!Files.exists("\(snapshots)/\(first)"))
    }

    @Test func theDirectoryLayoutIsFoundOrSet() async throws {
        try await bare.commit([
            "genericexecutor/a.sh": "project", ".keptn-stages/dev/genericexecutor/a.sh": "stage",
            ".keptn-stages/dev/carts/genericexecutor/a.sh": "service",
        ])
        let lease = try await fixture.snapshot("dev", "carts")
        #expect(lease.snapshot.places.map(\.path) == [".keptn-stages/dev/carts", ".keptn-stages/dev", ""])
        #expect(Level.allCases.map { fixture.text("a.sh", $0, of: lease) } == ["service", "stage", "project"])

        try await bare.commit(["genericexecutor/a.sh": "branch"], on: "dev")
        let branches = try await fixture.snapshot("dev", "carts")
        #expect(fixture.text("a.sh", .stage, of: branches) == "branch")

        try await bare.commit(["metadata.yaml": "projectName: shop\nisUsingDirectoryStructure: true # migrated\n"])
        let flagged = try await fixture.snapshot("dev", "carts")
        #expect(fixture.text("a.sh", .stage, of: flagged) == "stage")

        fixture.configure { $0.layout = .branches }
        #expect(fixture.text("a.sh", .stage, of: try await fixture.snapshot("dev", "carts")) == "branch")
    }

    @Test func levelsWithoutANameAreSkipped() async throws {
        try await bare.commit(["genericexecutor/a.sh": "project"])
        try await bare.commit(["genericexecutor/a.sh": "stage"], on: "dev")
        #expect(try await fixture.snapshot("dev").snapshot.places.map(\.level) == [.stage, .project])
        #expect(try await fixture.snapshot(nil, "carts").snapshot.places.map(\.level) == [.project])
        let missing = try await fixture.snapshot("prod", "carts").snapshot
        #expect(missing.places.map(\.level) == [.project])
        #expect(missing.warnings.count == 1)
    }
}
