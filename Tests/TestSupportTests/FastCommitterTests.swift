import Basics
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct FastCommitterTests {
    @Test func commitsAreThereWhenItSaysSo() async throws {
        let directory = try TemporaryDirectory()
        let bare = try await BareRepository(at: "\(directory.path)/shop.git")
        let first = try await bare.commit(["a": "by hand", "kept": "x"])
        let committer = try FastCommitter(bare)
        var tips = [first]
        for number in 1...50 {
            tips.append(try await committer.commit(["a": .file(Array("\(number)".utf8))]))
            #expect(try await bare.git("rev-parse", "main") == tips[number])
        }
        #expect(try await bare.git("rev-list", "main").split(separator: "\n").map(String.init) == tips.reversed())
        #expect(try await bare.git("show", "main:a") == "50")
        #expect(try await bare.git("show", "main:kept") == "x")

        let other = try await committer.commit(["b": "1"], on: "dev")
        #expect(try await bare.git("rev-list", "dev") == other)
        let forced = try await committer.commit(["a": "forced"], parent: first)
        #expect(try await bare.git("rev-list", "main") == "\(forced)\n\(first)")
        let unrelated = try await committer.commit(["c": "1"], parent: "")
        #expect(try await bare.git("rev-list", "main") == unrelated)
        #expect(try await bare.git("ls-tree", "--name-only", "main") == "c")
        #expect(await BareRepository.damage(of: bare.path) == "")
    }

    @Test func itLeavesNothingHalfDone() async throws {
        let directory = try TemporaryDirectory()
        let bare = try await BareRepository(at: "\(directory.path)/shop.git")
        let committer = try FastCommitter(bare)
        try await committer.commit(["a": "1"])
        try await committer.finish()
        #expect(try Files.list("\(bare.path)/objects/pack") == [])
    }
}
