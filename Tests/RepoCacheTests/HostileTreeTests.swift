import Basics
import Glibc
import Model
import Processes
import RepoCache
import TestSupport
import Testing

/// Repositories whose authors mean harm: what they hold is refused or bounded with a sentence, or left out with a warning, nothing
/// outside the cache is touched, and other projects go on.
@Suite(.timeLimit(.minutes(3)), .serialized) struct HostileTreeTests {
    typealias Line = HostileFixture.Line
    typealias Way = HostileFixture.Way

    private static let server = Result { try GitHTTPServer() }

    private func make(_ way: Way) async throws -> HostileFixture { try await HostileFixture.make(way, Self.server.get()) }

    /// - Returns: the sentence.
    private func refusal(by fixture: HostileFixture) async throws -> String {
        let error = await #expect(throws: RepoCacheError.self) { try await fixture.snapshot() }
        #expect(try await fixture.harm() == [])
        return error?.description ?? ""
    }

    @Test("Names that mean something to a file system are left out", arguments: Way.allCases)
    func names(way: Way) async throws {
        let fixture = try await make(way)
        let (evil, first) = (try await fixture.blob("evil"), try await fixture.blob("first"))
        let below = try await fixture.tree([Line("100644", "evil.sh", evil)])
        let bad = [
            "..", ".", ".git", ".GIT", ".Git", "a/b", "../evil", "/etc/evil", "../../../outside/genericexecutor/secret.sh",
        ]
        let folder =
            bad.map { Line("100644", $0, evil) } + bad.map { Line("40000", $0, below) }
            + bad.map { Line("120000", $0, evil) } + bad.map { Line("160000", $0, evil) } + [
                Line("100644", Array(repeating: UInt8(ascii: "x"), count: 300), evil),
                Line("40000", Array(repeating: UInt8(ascii: "x"), count: 5_000), below),
                Line("100644", "dup.sh", first), Line("100755", "dup.sh", evil), Line("40000", "dup.sh", below),
            ]
        let odd = [
            Line("100644", #"back\slash.sh"#, first), Line("100644", [0xFF, 0xFE, 0xC0], first),
            Line("100644", "a\nb\u{1B}[31m\u{202E}.sh", first), Line("100644", "-rf", first), Line("100644", "$(id)", first),
            Line("100644", Array(repeating: UInt8(ascii: "y"), count: 255), first), Line("160000", "sub\nmodule", evil),
        ]
        try await fixture.commit(folder: try await fixture.tree(folder + odd))
        let lease = try await fixture.snapshot()
        let written = fixture.folder(of: lease)
        let names = try Files.list(written)
        #expect(names.count == 7 && Set(names).isSuperset(of: ["dup.sh", #"back\slash.sh"#, "-rf", "$(id)"]))
        for name in ["dup.sh", #"back\slash.sh"#, "a\nb\u{1B}[31m\u{202E}.sh"] {
            #expect(try Files.read("\(written)/\(name)") == Array("first".utf8))
        }
        let warnings = lease.snapshot.warnings
        #expect(warnings.count == bad.count * 4 + 5)
        #expect(warnings.contains { $0.hasSuffix("is left out: its name is not allowed") })
        #expect(
            warnings.filter { $0.hasSuffix("dup.sh of main at \(try! commit(lease)) is left out: its name is there twice") }.count
                == 2
        )
        #expect(warnings.contains { $0.contains("sub?module") && $0.hasSuffix("submodules are not read") })
        #expect(warnings.allSatisfy { $0.unicodeScalars.allSatisfy { $0.value >= 0x20 } && $0.utf8.count < 1_000 })
        #expect(try await fixture.harm() == [])
    }

    private func commit(_ lease: SnapshotLease) throws -> String {
        String(try #require(lease.snapshot.places.first).commit.prefix(12))
    }

    @Test(
        "What a script does to files with odd names, or puts there, is undone",
        arguments: [
            #"echo evil >$'\xff'"#, "chmod u+w .; for i in {1..100}; do mkdir d; cd d; done", "chmod u+w .; touch {1..20000}",
        ]
    )
    func oddDamage(script: String) async throws {
        let fixture = try await make(.path)
        let blob = try await fixture.blob("good")
        try await fixture.commit(folder: try await fixture.tree([Line("100755", [0xFF], blob), Line("100644", "z.sh", blob)]))
        let folder = fixture.folder(of: try await fixture.snapshot())
        func bash(_ script: String) async throws -> String {
            let command = Command("/bin/bash", ["-c", script], environment: ["PATH": "/usr/bin:/bin"], directory: folder)
            return try await command.collect(until: .after(.seconds(60))).standardOutput.text
        }
        _ = try await bash(#"chmod u+w $'\xff'; \#(script)"#)
        _ = try await fixture.snapshot()
        #expect(try await bash(#"cat $'\xff'; ls | wc -l"#) == "good2\n")
    }

    @Test("Thousands of names that are left out are not told one by one")
    func manyWarnings() async throws {
        let fixture = try await make(.path)
        let blob = try await fixture.blob("x")
        let lines = (0..<1_500).map { Line("100644", "\($0)/\(String(repeating: "n", count: 1_000))", blob) }
        try await fixture.commit(folder: try await fixture.tree(lines + [Line("100644", "z.sh", blob)]))
        let lease = try await fixture.snapshot()
        #expect(lease.snapshot.warnings.count == 51)
        #expect(lease.snapshot.warnings.last == "1450 more files of main at \(try commit(lease)) are left out")
        #expect(lease.snapshot.warnings.allSatisfy { $0.utf8.count < 500 })
        #expect(try Files.list(fixture.folder(of: lease)) == ["z.sh"])
    }

    @Test("Trees that no Git would write", arguments: Way.allCases)
    func malformed(way: Way) async throws {
        let fixture = try await make(way)
        let blob = try await fixture.blob("x")
        let whole = Line("100644", "a.sh", blob).bytes
        for bytes in [
            Line("100644", "", blob).bytes, Array(whole.dropLast(3)), Array("100644 a.sh".utf8), Line("", "a", blob).bytes,
        ] {
            try await fixture.commit(folder: try await fixture.store(bytes, as: "tree"))
            #expect(try await refusal(by: fixture).hasPrefix("cannot "))
        }
        // Of another kind than their line says.
        try await fixture.commit(folder: blob)
        #expect(try await refusal(by: fixture).hasPrefix("cannot "))
        let tree = try await fixture.tree([])
        try await fixture.commit(folder: try await fixture.tree([Line("100644", "a.sh", tree)]))
        #expect(try await refusal(by: fixture).hasPrefix("cannot "))
        // And the cache serves the next commit that is good.
        try await fixture.commit(folder: try await fixture.tree([Line("100644", "a.sh", blob)]))
        try await fixture.refresh()
        #expect(try Files.list(fixture.folder(of: try await fixture.snapshot())) == ["a.sh"])
    }

    @Test("Links that lead out, in a circle or through a submodule", arguments: Way.allCases)
    func links(way: Way) async throws {
        let fixture = try await make(way)
        let outside = "\(fixture.directory.path)/outside"
        let named = ["self": ".", "chain": "self/self", "a": "b", "b": "a"]
        let targets = [
            "/etc/passwd", "../../../../../../../../etc/passwd", "..", "../..", "../../outside", outside, "../module/a.sh",
            "../module",
            "../../genericexecutor/../..", "//etc", "../file/", "../file/..", "nowhere", "", "../genericexecutor/0",
            String(repeating: "./", count: 3_000), "a\u{0}b",
        ]
        var lines: [Line] = []
        for (name, target) in named { lines.append(Line("120000", name, try await fixture.blob(target))) }
        for (number, target) in targets.enumerated() { lines.append(Line("120000", "\(number)", try await fixture.blob(target))) }
        lines.sort { $0.name.lexicographicallyPrecedes($1.name) }
        let blob = try await fixture.blob("x")
        let folder = try await fixture.tree(lines + [Line("100644", "z.sh", blob)])
        try await fixture.commit(
            tree: try await fixture.tree([
                Line("100644", "file", blob), Line("40000", "genericexecutor", folder), Line("160000", "module", blob),
            ])
        )
        let lease = try await fixture.snapshot()
        let listing = try CacheFixture.listing(fixture.folder(of: lease))
        #expect(
            listing.contains("-444 z.sh")
                && !listing.contains { $0.hasPrefix("l") || $0.contains("passwd") || $0.contains("secret") }
        )
        let warnings = lease.snapshot.warnings
        for part in ["leads out of the repository", "leads in a circle", "points at nothing", "submodules are not read"] {
            #expect(warnings.contains { $0.contains(part) }, "\(part)")
        }
        #expect(try await fixture.harm() == [])
    }

    @Test(
        "A script folder that is a link or a submodule",
        arguments: ["/etc", "../outside", "../../outside/genericexecutor", "submodule"]
    )
    func folderElsewhere(target: String) async throws {
        let fixture = try await make(.path)
        let blob = try await fixture.blob(target)
        let mode = target == "submodule" ? "160000" : "120000"
        try await fixture.commit(tree: try await fixture.tree([Line(mode, "genericexecutor", blob)]))
        let lease = try await fixture.snapshot()
        #expect(lease.snapshot.warnings.count == 1)
        #expect(!Files.exists(fixture.folder(of: lease)))
        #expect(try await fixture.harm() == [])
    }

    @Test("Links that would keep a thread for hours", arguments: Way.allCases)
    func endlessLinks(way: Way) async throws {
        let fixture = try await make(way)
        let blob = try await fixture.blob("x")
        let target = try await fixture.blob(String(repeating: "../a/", count: 800) + "a")
        let folder = try await fixture.tree((0..<1_000).map { Line("120000", "l\($0 + 1_000)", target) })
        let empty = try await fixture.tree([])
        let names = (0..<60_000).map { Line("100644", "n\($0 + 100_000)", blob) }
        try await fixture.commit(
            tree: try await fixture.tree([Line("40000", "a", empty), Line("40000", "genericexecutor", folder)] + names)
        )
        let clock = ContinuousClock.now
        #expect(try await refusal(by: fixture).contains("shorten the links in the script folder"))
        #expect(ContinuousClock.now - clock < .seconds(40))
    }

    @Test("Folders 10,000 deep", arguments: Way.allCases)
    func deep(way: Way) async throws {
        let fixture = try await make(way)
        try await fixture.bare.commit(["genericexecutor/\(String(repeating: "d/", count: 10_000))x.sh": "x"])
        #expect(try await refusal(by: fixture).contains("is deeper than 16 directories"))
        // Where no script is, they do no harm.
        try await fixture.bare.commit(
            ["\(String(repeating: "d/", count: 10_000))x.sh": "x", "genericexecutor/a.sh": "a"],
            parent: ""
        )
        #expect(try Files.list(fixture.folder(of: try await fixture.snapshot())) == ["a.sh"])
    }

    @Test("100,000 files in the folder", arguments: Way.allCases)
    func wide(way: Way) async throws {
        let fixture = try await make(way)
        let blob = try await fixture.blob("x")
        try await fixture.commit(folder: try await fixture.tree((0..<100_000).map { Line("100644", "\($0 + 100_000).sh", blob) }))
        #expect(try await refusal(by: fixture).contains("has more than 2000 files"))
    }

    @Test("A tree that is unpacked and parsed as a whole is bounded")
    func largeTree() async throws {
        let fixture = try await make(.path)
        var bytes = Line("100644", "a.sh", try await fixture.blob("x")).bytes
        while bytes.count <= 32 << 20 { bytes += bytes }
        try await fixture.commit(folder: try await fixture.store(bytes, as: "tree"))
        #expect(try await refusal(by: fixture).contains("it is larger than 33554432 bytes"))
    }

    @Test("A blob of 1 GiB is refused by its size, without being read", arguments: Way.allCases)
    func largeBlob(way: Way) async throws {
        let fixture = try await make(way)
        let zeros = try TemporaryDirectory()
        let file = try zeros.write("", to: "zeros")
        try #require(truncate(file, 1 << 30) == 0)
        let blob = try await fixture.store(file: file, as: "blob")
        let folder = try await fixture.tree([Line("100644", "a.sh", blob)])
        let link = try await fixture.tree([Line("120000", "a.sh", blob)])
        let tree = [Line("40000", "genericexecutor", folder), Line("100644", "metadata.yaml", blob)]
        try await fixture.commit(tree: try await fixture.tree(tree))
        let before = try resetPeak()
        let clock = ContinuousClock.now
        #expect(try await refusal(by: fixture).contains("is larger than 67108864 bytes"))
        let grown = try peak() - before
        print("1 GiB by \(way): refused in \(ContinuousClock.now - clock), peak memory grew by \(grown >> 20) MiB")
        #expect(grown < 400 << 20)
        try await fixture.commit(folder: link)
        #expect(try await fixture.snapshot().snapshot.warnings.contains { $0.hasSuffix("the link points at nothing") })
        #expect(try peak() - before < 400 << 20)
    }

    /// - Returns: the bytes of memory that this process uses now.
    private func resetPeak() throws -> Int {
        try Files.write("5".utf8, to: "/proc/self/clear_refs")
        return try memory("VmRSS:")
    }

    private func peak() throws -> Int { try memory("VmHWM:") }

    private func memory(_ name: String) throws -> Int {
        let lines = String(decoding: try Files.read("/proc/self/status"), as: UTF8.self).split(separator: "\n")
        let line = try #require(lines.first { $0.hasPrefix(name) })
        return try #require(Int(line.filter(\.isNumber))) << 10
    }
}
