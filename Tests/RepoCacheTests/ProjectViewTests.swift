import CloudEvents
import Git
import Model
import TestSupport
import Testing

@testable import RepoCache

private func id(_ digit: Character) throws -> ObjectID { try #require(ObjectID(hex: String(repeating: digit, count: 40))) }

@Suite struct ProjectViewTests {
    private func view() throws -> ProjectView {
        var view = ProjectView(remote: "https://git.example/shop.git", defaultBranch: "main")
        view.set("main", to: try id("1"), asked: WallTime(seconds: 100))
        view.set("dev", to: try id("2"), asked: WallTime(seconds: 200))
        view.set("gone", to: nil, asked: WallTime(seconds: 300))
        return view
    }

    @Test func theStateOnDiskSaysTheSame() throws {
        let state = ProjectState(view: try view(), folders: ["genericexecutor"], freshBytes: 7, boot: "b")
        let read = try #require(ProjectState(try JSON(parsing: Array(state.json.prettyText.utf8))))
        #expect(read == state)
    }

    @Test("A time that is none is refused", arguments: ["1e999", "-1", "1e30", "\"1\"", "null"])
    func wrongTime(text: String) throws {
        let state = "{\"version\": 1, \"remote\": \"/x\", \"branches\": {\"dev\": {\"asked\": \(text), \"changed\": 1}}}"
        #expect(ProjectState(try JSON(parsing: Array(state.utf8))) == nil)
    }

    @Test func anyStateIsReadOrRefused() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var fuzzer = Fuzzer(seed: seed)
        let text = Array(
            ProjectState(view: try view(), folders: ["genericexecutor"], freshBytes: 7, boot: "b").json.prettyText.utf8
        )
        for round in 0..<3_000 {
            let mutant = fuzzer.mutate(text, tokens: ["null", "1e999", "{}", "[]", "\"\""])
            guard let json = try? JSON(parsing: mutant), let state = ProjectState(json) else { continue }
            #expect(ProjectState(state.json) != nil, "seed \(seed), round \(round)")
        }
    }

    @Test func timesTellWhatIsFresh() throws {
        var view = try view()
        #expect(view.asked(["main", "dev"]) == WallTime(seconds: 100))
        #expect(view.asked(["main", "prod"]) == nil)
        let before = view
        view.set("dev", to: try id("2"), asked: WallTime(seconds: 400))
        #expect(view.saysTheSame(as: before))
        #expect(view.tips["dev"]?.changed == WallTime(seconds: 200))
        view.set("dev", to: try id("3"), asked: WallTime(seconds: 500))
        #expect(!view.saysTheSame(as: before))
        #expect(view.tips["dev"]?.changed == WallTime(seconds: 500))
        #expect(WallTime.now.isWithin(.seconds(60)))
        #expect(!WallTime.now.isWithin(.zero))
        #expect(!WallTime(seconds: WallTime.now.seconds + 100).isWithin(.seconds(60)))
    }

    @Test func namesOfStagesThatDoNotExistDoNotPileUp() throws {
        var view = try view()
        for number in 0..<1_000 { view.set("stage\(number)", to: nil, asked: WallTime(seconds: 1_000 + Double(number))) }
        #expect(view.tips.count == 2 + ProjectView.maximumAbsent)
        #expect(view.tips["stage999"] != nil && view.tips["main"] != nil)
        for number in 0..<1_000 { view.prove(try id("4"), on: "branch\(number)") }
        #expect(view.proofs.count == ProjectView.maximumProofs)
    }

    @Test(
        "What the remote lists tells the default branch and the commits",
        arguments: [
            (nil, "refs/heads/main", "main", ["main": "1", "dev": "2"]), ("dev", "refs/heads/main", "dev", ["dev": "2"]),
            ("none", "refs/heads/main", "none", ["dev": "2", "none": nil]), (nil, nil, nil, ["dev": "2"]),
            (nil, "refs/tags/x", nil, ["dev": "2"]),
        ] as [(String?, String?, String?, [String: String?])]
    )
    func tips(override: String?, target: String?, branch: String?, commits: [String: String?]) throws {
        let references = [
            RemoteReference(name: "HEAD", id: try id("1"), target: target),
            RemoteReference(name: "refs/heads/dev", id: try id("2")), RemoteReference(name: "refs/heads/dev2", id: try id("3")),
        ]
        let tips = RemoteTips(references, branches: ["dev"], defaultBranch: override)
        #expect(tips.defaultBranch == branch)
        #expect(tips.commits == (try commits.mapValues { try $0.map { try id(Character($0)) } }))
    }

    @Test func oneQuestionNamesEachBranchOnce() {
        let prefixes = RemoteTips.prefixes(["dev", "main"], defaultBranch: "main")
        #expect(prefixes == ["HEAD", "refs/heads/dev", "refs/heads/main"])
    }
}

@Suite struct StageLayoutTests {
    @Test(
        "A line of metadata.yaml sets the flag",
        arguments: [
            ("isUsingDirectoryStructure: true", true), ("a: 1\r\nisUsingDirectoryStructure: true\r\n", true),
            ("  \"isUsingDirectoryStructure\" : 'True' # yes", true), ("isUsingDirectoryStructure: false", false),
            ("# isUsingDirectoryStructure: true", false), ("isUsingDirectoryStructure: truely", false),
            ("isUsingDirectoryStructures: true", false), ("isUsingDirectoryStructure:", false), ("", false),
        ]
    )
    func flag(text: String, expected: Bool) { #expect(StageLayout.saysDirectories(Array(text.utf8)) == expected) }

    @Test func levelsComeInOrderWithTheirCommits() throws {
        var view = ProjectView(remote: "/shop.git", defaultBranch: "main")
        view.set("main", to: try id("1"), asked: .now)
        view.set("dev", to: try id("2"), asked: .now)
        let scope = Scope(project: PlainName("shop"), stage: PlainName("dev"), service: PlainName("carts"))
        func places(_ layout: StageLayout, _ pin: ObjectID?) -> [String] {
            SnapshotPlan(scope, layout: layout, view: view, pin: pin).places.map { place in
                "\(place.level) \(place.branch) \(place.commit.abbreviated.prefix(1)) /\(place.path.joined(separator: "/"))"
            }
        }
        let pin = try id("9")
        #expect(places(.branches, nil) == ["service dev 2 /carts", "stage dev 2 /", "project main 1 /"])
        #expect(places(.branches, pin) == ["service dev 9 /carts", "stage dev 9 /", "project main 1 /"])
        #expect(
            places(.directories, nil) == [
                "service main 1 /.keptn-stages/dev/carts", "stage main 1 /.keptn-stages/dev", "project main 1 /",
            ]
        )
        #expect(places(.directories, pin).allSatisfy { $0.contains(" 9 ") })
    }
}
