import Basics
import Git
import Glibc
import Model
import Processes
import Synchronization
import TestSupport
import Testing

@testable import RepoCache

/// Repositories on this machine that others use at the same time.
@Suite(.timeLimit(.minutes(3))) struct LocalRepositoryTests {
    private let directory: TemporaryDirectory
    private let bare: BareRepository
    /// What is pushed from.
    private let work: BareRepository
    private let fixture: CacheFixture

    init() async throws {
        directory = try TemporaryDirectory()
        bare = try await BareRepository(at: "\(directory.path)/shop.git")
        work = try await BareRepository(at: "\(directory.path)/work.git")
        fixture = try CacheFixture(bare.path)
    }

    @Test("A pack that is replaced between its listing and its use is no damage")
    func replacedPack() async throws {
        let commit = try await bare.commit(["genericexecutor/a.sh": "a"])
        try await bare.git("repack", "-adq")
        let packs = "\(bare.path)/objects/pack"
        let old = try Files.list(packs)
        // The same objects and one more make another pack.
        let other = try await BareRepository(at: "\(directory.path)/other.git")
        try await other.git("fetch", "--quiet", bare.path, "main:main")
        try await other.commit(["genericexecutor/b.sh": "b"])
        try await other.git("repack", "-adq")
        let id = try #require(ObjectID(hex: commit))
        var attempts = 0
        let tree = try Repository.reading(bare.path) { repository in
            attempts += 1
            if attempts == 1 {
                // Now the old pack is listed, and its index open.
                let isThere = repository.contains(id)
                #expect(isThere)
                for name in old { unlink("\(packs)/\(name)") }
                for name in try Files.list("\(other.path)/objects/pack") {
                    try #require(rename("\(other.path)/objects/pack/\(name)", "\(packs)/\(name)") == 0)
                }
            }
            return try repository.commit(id).tree
        }
        let again = try Repository(openingBare: bare.path).commit(id).tree
        #expect(again == tree)
    }

    @Test("What is there again when it is looked at anew is no damage")
    func absentForAMoment() async throws {
        let commit = try await bare.commit(["genericexecutor/a.sh": "a"])
        try await bare.git("repack", "-adq")
        let id = try #require(ObjectID(hex: commit))
        let (packs, elsewhere) = ("\(bare.path)/objects/pack", "\(directory.path)/pack")
        var attempts = 0
        let found = try Repository.reading(bare.path) { repository in
            attempts += 1
            guard attempts == 1 else { return try repository.commit(id).id }
            try #require(rename(packs, elsewhere) == 0)
            defer { rename(elsewhere, packs) }
            return try repository.commit(id).id
        }
        #expect(found == id && attempts == 2)
    }

    @Test("What is damaged for good is told")
    func damaged() async throws {
        let commit = try await bare.commit(["genericexecutor/a.sh": "a"])
        try await bare.git("repack", "-adq")
        let id = try #require(ObjectID(hex: commit))
        for name in try Files.list("\(bare.path)/objects/pack") { unlink("\(bare.path)/objects/pack/\(name)") }
        let error = #expect(throws: GitError.self) { try Repository.reading(bare.path) { _ = try $0.commit(id) } }
        #expect(error?.failureClass == .corrupt)
    }

    /// What the writer has pushed for sure.
    private final class Writer: Sendable {
        struct State: Sendable {
            var number = 0
            var commits: [Int: String] = [:]
            var isOver = false
            /// Why the writer stopped.
            var failure: String?
        }

        let state = Mutex(State())
        let reads = Atomic(0)
    }

    @Test("A repository of somebody else is read while it is pushed to and repacked", arguments: [false, true])
    func busy(force: Bool) async throws {
        let pushed = Writer()
        try await push(0, force: false, pushed)
        try await giveAway()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    // At least 40, and on until enough was read beside it: under a sanitizer that takes longer.
                    for number in 1...400 where number <= 40 || pushed.reads.load(ordering: .relaxed) < 300 {
                        try await push(number, force: force && number.isMultiple(of: 4), pushed)
                        if number.isMultiple(of: 2) { try await collectGarbage() }
                    }
                } catch { pushed.state.withLock { $0.failure = "\(error)" } }
                pushed.state.withLock { $0.isOver = true }
            }
            for _ in 0..<3 {
                group.addTask {
                    var last = 0
                    while !pushed.state.withLock({ $0.isOver }) {
                        last = try await read(atLeast: max(last, pushed.state.withLock { $0.number }), pushed)
                        pushed.reads.add(1, ordering: .relaxed)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(pushed.state.withLock { $0.failure } == nil)
        print(
            "\(pushed.reads.load(ordering: .relaxed)) snapshots beside pushes\(force ? ", a quarter of them with force," : "") and gc --prune=now"
        )
        #expect(pushed.reads.load(ordering: .relaxed) >= 300)
        let damage = await BareRepository.damage(of: bare.path)
        #expect(damage == "")
    }

    /// Reads the number in the script folder.
    private func read(atLeast floor: Int, _ pushed: Writer) async throws -> Int {
        let lease = try await fixture.snapshot()
        let text = try #require(fixture.text("number", .project, of: lease))
        let number = try #require(Int(text))
        #expect(number >= floor)
        #expect(fixture.text("same", .project, of: lease) == text)
        #expect(lease.snapshot.staleness == nil && lease.snapshot.warnings == [])
        // One that was not reported yet has no entry.
        let commit = pushed.state.withLock { $0.commits[number] }
        #expect(commit == nil || commit == lease.snapshot.places.first?.commit)
        lease.release()
        return number
    }

    /// Pushes as somebody does who has a working copy.
    private func push(_ number: Int, force: Bool, _ pushed: Writer) async throws {
        let text = BareRepository.Change.file(Array("\(number)".utf8))
        let commit = try await work.commit(
            ["genericexecutor/number": text, "genericexecutor/same": text],
            parent: force ? "" : nil,
            message: "\(number)"
        )
        try await git("-C", work.path, "push", "--quiet", force ? "--force" : "--no-force", bare.path, "main")
        pushed.state.withLock { pushed in
            pushed.number = number
            pushed.commits[number] = commit
        }
    }

    private func collectGarbage() async throws {
        // Beside a push it would remove objects that the push has just brought: git's own rule.
        try await git("-C", bare.path, "gc", "--quiet", "--prune=now")
    }

    private func git(_ arguments: String...) async throws {
        // Only a file is passed on to the programs at the other end of a push.
        let configuration = try directory.write(
            "[safe]\n\tdirectory = *\n[gc]\n\tauto = 0\n[receive]\n\tautogc = false\n",
            to: "config"
        )
        let environment = [
            "PATH": "/usr/bin:/bin", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": configuration, "LC_ALL": "C",
        ]
        let result = try await Command("/usr/bin/git", arguments, environment: environment).collect(until: .after(.seconds(60)))
        guard result.exit.isSuccess else {
            throw BareRepository.Failure(description: "git \(arguments) failed: \(result.standardError.text)")
        }
    }

    /// Gives the repository to another user, so that we are a stranger to it.
    private func giveAway() async throws {
        guard geteuid() == 0 else {
            print("not checked with a repository of another user: only root can give files away")
            return
        }
        let command = Command("/bin/chown", ["-R", "65534:65534", bare.path], environment: ["PATH": "/usr/bin:/bin"])
        #expect(try await command.collect(until: .after(.seconds(30))).exit.isSuccess)
    }
}
