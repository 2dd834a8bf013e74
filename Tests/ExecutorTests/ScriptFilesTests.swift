import Basics
import Glibc
import Model
import TestSupport
import Testing

@testable import Executor

/// The planner on real files.
struct ScriptFilesTests {
    private let workshop: Workshop

    init() throws { workshop = try Workshop() }

    private func plan() -> Plan {
        Planner.plan(.sample(), places: workshop.snapshot.places, folders: ["genericexecutor"], find: ScriptFiles.find)
    }

    private func link(_ name: String, to target: String, level: Level = .service) throws {
        let path = try workshop.write("placeholder", "x", level: level).replacing("/placeholder", with: "/\(name)")
        try #require(symlink(target, path) == 0)
    }

    @Test("A script carries its level, branch, commit, folder and path")
    func script() throws {
        let path = try workshop.write("test.triggered.sh", "true", level: .project)
        #expect(
            plan().scripts == [
                Script(
                    name: "test.triggered.sh",
                    kind: .sh,
                    level: .project,
                    branch: "main",
                    commit: Workshop.projectCommit,
                    folder: "genericexecutor",
                    path: path,
                    root: workshop.snapshot.places.first { $0.level == .project }?.root ?? ""
                )
            ]
        )
    }

    @Test("An empty file counts as not found: the next level's runs")
    func empty() throws {
        try workshop.write("test.triggered.sh", "", level: .service)
        try workshop.write("test.triggered.sh", "true", level: .stage)
        let plan = plan()
        #expect(plan.scripts.map(\.level) == [.stage])
        #expect(plan.shadowed.isEmpty)
        #expect(plan.warnings == ["genericexecutor/test.triggered.sh of the service level is empty and was passed over"])
    }

    @Test("Directories and pipes are no scripts")
    func notRegular() throws {
        let path = try workshop.write("x", "x").replacing("/x", with: "")
        mkdir("\(path)/test.triggered.sh", 0o700)
        mkfifo("\(path)/test.triggered.py", 0o600)
        let plan = plan()
        #expect(plan.scripts.isEmpty)
        #expect(plan.warnings.count == 2)
        #expect(plan.warnings.allSatisfy { $0.hasSuffix("is no regular file and was passed over") })
    }

    @Test("A link inside the commit's tree is followed, also up to the root")
    func linkInside() throws {
        try workshop.write("common.sh", "true", level: .stage)
        try link("test.triggered.sh", to: "../../genericexecutor/common.sh")
        #expect(plan().scripts.map(\.name) == ["test.triggered.sh"])
    }

    @Test(
        "A link out of the commit's tree, or to nothing, is refused",
        arguments: ["/etc/hostname", "../../../outside.sh", "missing.sh", "test.triggered.sh"]
    )
    func linkOutside(target: String) throws {
        try workshop.directory.write("true", to: "outside.sh")
        try link("test.triggered.sh", to: target)
        let plan = plan()
        #expect(plan.scripts.isEmpty)
        #expect(plan.warnings.count == 1)
    }

    @Test("A folder that is a link out of the tree is refused too")
    func linkedFolder() throws {
        try workshop.write("x", "x", level: .project)
        try workshop.directory.write("true", to: "elsewhere/test.triggered.sh")
        let root = "\(workshop.directory.path)/\(Workshop.stageCommit)"
        try Files.createDirectory(root)
        try #require(symlink("../elsewhere", "\(root)/genericexecutor") == 0)
        #expect(plan().scripts.isEmpty)
        #expect(plan().warnings.count == 1)
    }

    @Test("A neighbour whose name begins like the tree's is outside")
    func neighbour() throws {
        try workshop.directory.write("true", to: "\(Workshop.stageCommit)x/test.sh")
        try link("test.triggered.sh", to: "../../../\(Workshop.stageCommit)x/test.sh")
        #expect(plan().scripts.isEmpty)
    }
}
