import Basics
import Model
import RepoCache
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct InspectionTests {
    @Test("All branches and folders are found", arguments: [true, false])
    func whole(isLocal: Bool) async throws {
        let server = try GitHTTPServer()
        let bare = try await BareRepository(at: server.repository("shop"))
        try await bare.commit([
            "genericexecutor/a.sh": "x", "genericexecutor/lib/b.sh": "x", ".keptn-stages/dev/carts/generic-executor/c.sh": "x",
            ".keptn-stages/dev/genericexecutor/c.sh": "x", "docs/deep/genericexecutor/no.sh": "x",
        ])
        try await bare.commit(["carts/genericexecutor/a.sh": "x", "carts/genericexecutor/b.sh": "x"], on: "dev")
        let fixture = try CacheFixture(isLocal ? bare.path : server.http("/public/shop.git"))
        let inspection = await fixture.cache.inspect(try #require(PlainName("shop")))
        #expect(inspection.isGood && inspection.steps.map(\.stage) == RepositoryInspection.Stage.allCases, "\(inspection)")
        #expect(inspection.defaultBranch == "main" && inspection.branchCount == 2)
        #expect(inspection.branches.map(\.name) == ["dev", "main"])
        #expect(inspection.branches[0].folders.map { "\($0.path) \($0.files)" } == ["carts/genericexecutor 2"])
        #expect(
            Set(inspection.branches[1].folders.map(\.path)) == [
                "genericexecutor", ".keptn-stages/dev/genericexecutor", ".keptn-stages/dev/carts/generic-executor",
            ]
        )
        #expect(!Files.exists(fixture.clone))
        #expect(!((try? Files.list("\(fixture.project)/tmp")) ?? []).contains { $0.hasPrefix("inspection") })
    }

    @Test func theStepThatFailsIsTheLast() async throws {
        let server = try GitHTTPServer()
        let fixture = try CacheFixture(server.http("/private/shop.git"))
        let inspection = await fixture.cache.inspect(try #require(PlainName("shop")))
        #expect(!inspection.isGood && inspection.steps.map(\.stage) == [.configuration, .ask])
        #expect(inspection.steps.last?.failure?.failureClass == "auth")
        fixture.configure { $0.remote = "ext::sh" }
        let wrong = await fixture.cache.inspect(try #require(PlainName("shop")))
        #expect(wrong.steps.last?.failure?.description.contains("remote helpers") == true)
    }
}
