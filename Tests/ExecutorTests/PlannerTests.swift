import Model
import TestSupport
import Testing

@testable import Executor

struct PlannerTests {
    static let folders = ["genericexecutor", "generic-executor"]

    /// `service/genericexecutor/all.events.sh`: a file on a level, in a folder.
    private func plan(
        _ files: [String],
        names: [String] = ["configuration.change"],
        firstMatchOnly: Bool = false,
        levels: [Level] = Level.allCases
    ) -> Plan {
        let places = levels.map {
            Snapshot.Place(level: $0, branch: "dev", commit: String(repeating: "c", count: 40), path: "", directory: "/\($0)")
        }
        let request = ScriptRequest.sample(names: names, firstMatchOnly: firstMatchOnly)
        return Planner.plan(request, places: places, folders: Self.folders) { place, folder, name in
            files.contains("\(place.level)/\(folder)/\(name)") ? .file(path: "/\(place.level)/\(folder)/\(name)") : .nothing
        }
    }

    private func scripts(_ plan: Plan) -> [String] { plan.scripts.map { "\($0.level)/\($0.folder)/\($0.name)" } }

    @Test("Seed: the sample folder structure: each file is looked up by itself, service before stage before project")
    func folderStructure() {
        let plan = plan([
            "service/genericexecutor/all.events.sh", "service/genericexecutor/configuration.change.py",
            "service/genericexecutor/configuration.change.http",
            "stage/genericexecutor/all.events.py", "stage/genericexecutor/configuration.change.sh",
            "stage/genericexecutor/configuration.change.http",
            "project/genericexecutor/all.events.http", "project/genericexecutor/configuration.change.sh",
            "project/genericexecutor/configuration.change.py",
        ])
        #expect(
            scripts(plan) == [
                "stage/genericexecutor/configuration.change.sh", "service/genericexecutor/configuration.change.py",
                "service/genericexecutor/configuration.change.http", "service/genericexecutor/all.events.sh",
                "stage/genericexecutor/all.events.py", "project/genericexecutor/all.events.http",
            ]
        )
        #expect(
            plan.shadowed.map { "\($0.script.level) \($0.script.name) by \($0.winner.level)" } == [
                "project configuration.change.sh by stage", "project configuration.change.py by service",
                "stage configuration.change.http by service",
            ]
        )
        #expect(plan.hasEventScript)
    }

    @Test("Seed: the files of the event come before all.events, .sh before .py before .http")
    func order() {
        let plan = plan([])
        #expect(plan.scripts.isEmpty)
        #expect(
            plan.lookedFor == [
                "configuration.change.sh", "configuration.change.py", "configuration.change.http", "all.events.sh",
                "all.events.py",
                "all.events.http",
            ]
        )
    }

    @Test("Seed: of an action only the first match runs; all.events.sh does not")
    func firstMatchOnly() {
        let plan = plan(
            [
                "project/genericexecutor/action.triggered.scale.py", "service/genericexecutor/action.triggered.sh",
                "service/genericexecutor/all.events.sh", "stage/genericexecutor/action.triggered.scale.http",
            ],
            names: ["action.triggered.scale", "action.triggered"],
            firstMatchOnly: true
        )
        #expect(scripts(plan) == ["project/genericexecutor/action.triggered.scale.py"])
        #expect(plan.shadowed.count == 3)
        #expect(plan.shadowed.allSatisfy { $0.winner == plan.scripts[0] })
    }

    @Test("Within a level the first of the folders that has the file wins; a nearer level wins over a better folder")
    func folders() {
        let both = plan(["stage/generic-executor/all.events.sh", "stage/genericexecutor/all.events.sh"])
        #expect(scripts(both) == ["stage/genericexecutor/all.events.sh"])
        let nearer = plan(["service/generic-executor/all.events.sh", "stage/genericexecutor/all.events.sh"])
        #expect(scripts(nearer) == ["service/generic-executor/all.events.sh"])
        #expect(!nearer.hasEventScript)
    }

    @Test("A level that the snapshot does not have is skipped")
    func levels() {
        let plan = plan(["service/genericexecutor/all.events.sh", "project/genericexecutor/all.events.sh"], levels: [.project])
        #expect(scripts(plan) == ["project/genericexecutor/all.events.sh"])
    }

    @Test(
        "A name that is no plain file name is never looked for on disk",
        arguments: ["../../etc/passwd", "a/b", "a..b", "a\u{0}b"]
    )
    func names(name: String) {
        let places = [Snapshot.Place(level: .project, branch: "main", commit: "c", path: "", directory: "/")]
        let plan = Planner.plan(.sample(names: [name]), places: places, folders: ["f"]) { _, _, name in
            name.hasPrefix("all.events") ? .nothing : .file(path: name)
        }
        #expect(plan.scripts.isEmpty)
        #expect(plan.warnings.count == 3)
    }
}
