import Basics
import TestSupport
import Testing

@testable import Git

@Suite(.timeLimit(.minutes(3))) struct RepositoryTests {
    private let directory: TemporaryDirectory
    private let bare: BareRepository

    init() async throws {
        directory = try TemporaryDirectory()
        bare = try await BareRepository(at: "\(directory.path)/shop.git", defaultBranch: "trunk")
    }

    @Test func commitsTreesAndBlobsAreRead() async throws {
        let first = try await bare.commit(["a.sh": "echo", "run": .executable([0, 255]), "link": .link("a.sh")], on: "trunk")
        let second = try await bare.commit(["dir/sub": .submodule], on: "trunk")
        let repository = try Repository(openingBare: bare.path)
        #expect(try repository.headTarget() == "refs/heads/trunk")
        #expect(try repository.branch("trunk")?.description == second)
        #expect(try repository.branch("main") == nil)
        #expect(try repository.branch("a b~^:") == nil)
        #expect(try repository.references(under: "refs/heads/") == ["refs/heads/trunk"])

        let id = try #require(ObjectID(hex: second))
        let commit = try repository.commit(id)
        #expect(commit.parents.map(\.description) == [first])
        let kinds = try repository.tree(commit.tree).map { "\($0.text) \($0.kind)" }
        #expect(kinds == ["a.sh file", "dir tree", "link link", "run executable"])
        let run = try #require(try repository.entry(Array("run".utf8), in: commit.tree))
        #expect(try repository.blob(run.id) == [0, 255])
        #expect(try repository.blobSize(run.id) == 2)
        #expect(try repository.isAncestor(try #require(ObjectID(hex: first)), of: id))
        #expect(try !repository.isAncestor(id, of: try #require(ObjectID(hex: first))))
    }

    @Test func anObjectThatIsMissingOrOfAnotherKindIsDamage() async throws {
        let commit = try await bare.commit(["a": "x"], on: "trunk")
        let repository = try Repository(openingBare: bare.path)
        let missing = try #require(ObjectID(hex: String(repeating: "1", count: 40)))
        let id = try #require(ObjectID(hex: commit))
        let isThere = repository.contains(missing)
        #expect(!isThere)
        #expect(throws: GitError.self) { try Repository(openingBare: bare.path).tree(id) }
        let error = #expect(throws: GitError.self) { try Repository(openingBare: bare.path).commit(missing) }
        #expect(error?.failureClass == .corrupt)
    }

    @Test func aMissingRepositoryIsNotFound() {
        let error = #expect(throws: GitError.self) { _ = try Repository(openingBare: "\(directory.path)/none.git") }
        #expect(error?.failureClass == .notFound)
        #expect(error?.description.contains("none.git") == true)
    }

    @Test func aHeadWithoutABranchHasNoCommit() throws {
        let repository = try Repository(openingBare: bare.path)
        #expect(try repository.commit(ofReference: "HEAD") == nil)
        #expect(try repository.headTarget() == "refs/heads/trunk")
    }

    @Test func referencesAndShallowAreWrittenAsGitWritesThem() async throws {
        let root = try await bare.commit(["a": "1"], on: "root")
        let first = try await bare.commit(["a": "1"], on: "trunk")
        let second = try await bare.commit(["a": "2"], on: "trunk")
        let ids = try [root, first, second].map { try #require(ObjectID(hex: $0)) }
        let repository = try Repository(openingBare: bare.path)
        try repository.setReference("refs/heads/dev/x", to: ids[1])
        try repository.setHead(to: "refs/heads/dev/x")
        try repository.removeReference("refs/heads/none")
        try repository.removeReference("refs/heads/trunk")
        try repository.writeShallow(tips: [ids[0], ids[2]])
        #expect(try repository.references(under: "refs/heads/") == ["refs/heads/dev/x", "refs/heads/root"])
        #expect(try String(decoding: Files.read("\(bare.path)/shallow"), as: UTF8.self) == "\(second)\n")
        #expect(await BareRepository.damage(of: bare.path) == "")
    }

    @Test("A damaged or oversized pack leaves nothing behind", arguments: [0, 1, 2, 3])
    func damagedPack(kind: Int) async throws {
        try await bare.commit(["a": .file((0..<5_000).map { UInt8(truncatingIfNeeded: $0 * 7) }), "b": "x"], on: "trunk")
        try await bare.prune()
        let packs = "\(bare.path)/objects/pack"
        let name = try #require(try Files.list(packs).first { $0.hasSuffix(".pack") })
        var pack = try Files.read("\(packs)/\(name)")
        var limits = PackLimits()
        switch kind {
        case 0: pack[pack.count / 2] ^= 1
        case 1: pack.removeLast(10)
        case 2: limits.bytes = 100
        default: limits.objects = 1
        }
        let target = "\(directory.path)/target.git"
        try Repository.create(bareAt: target)
        #expect(throws: GitError.self) {
            let repository = try Repository(openingBare: target)
            var indexer = try PackIndexer(for: repository, limits: limits)
            try pack.withUnsafeBytes { bytes in try indexer.append(bytes) }
            try indexer.commit()
        }
        #expect(try Files.list("\(target)/objects/pack") == [])
    }
}
