import Basics
import Model
import RepoCache
import TestSupport
import Testing

/// What may happen to the branches of a remote repository; after each change the cache has the right files and `git fsck` has
/// nothing to say about its clone.
struct BranchChanges {
    private static let file = "genericexecutor/a.sh"

    let fixture: CacheFixture
    let bare: BareRepository

    func expectFollowed() async throws {
        try await bare.commit([Self.file: "project 1"])
        let start = try await bare.commit([Self.file: "stage 1", "carts/\(Self.file)": "service 1"], on: "dev")
        try await expect(["service 1", "stage 1", "project 1"], after: "clone")
        try await expect(["service 1", "stage 1", "project 1"], after: "no change")

        try await bare.commit([Self.file: "stage 2"], on: "dev")
        try await expect(["service 1", "stage 2", "project 1"], after: "change")

        try await bare.commit([Self.file: "project 2"])
        try await bare.commit([Self.file: "stage forced"], on: "dev", parent: start)
        try await expect(["service 1", "stage forced", "project 2"], after: "force push")

        try await bare.commit([Self.file: "new stage"], on: "prod", parent: "")
        try await expect([nil, "new stage", "project 2"], of: "prod", after: "new branch")

        try await bare.delete("dev")
        try await expect([nil, nil, "project 2"], after: "gone branch")

        try await bare.reset("dev", to: start)
        try await bare.prune()
        try await expect(["service 1", "stage 1", "project 2"], after: "branch that came back, and server gc")

        try fixture.reopen()
        try await bare.commit(["carts/\(Self.file)": "service 2"], on: "dev")
        try await expect(["service 2", "stage 1", "project 2"], after: "restart")
    }

    private func expect(_ texts: [String?], of stage: String = "dev", after change: String) async throws {
        let lease = try await fixture.snapshot(stage, "carts")
        #expect(Level.allCases.map { fixture.text("a.sh", $0, of: lease) } == texts, "after \(change)")
        #expect(lease.snapshot.staleness == nil, "after \(change)")
        #expect(await BareRepository.damage(of: fixture.clone) == "", "after \(change)")
    }
}
