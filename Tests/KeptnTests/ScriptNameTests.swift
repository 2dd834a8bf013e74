import CloudEvents
import Keptn
import Model
import Testing

@Suite("Script names")
struct ScriptNameTests {
    @Test(
        "Seed: every event prefix of the list",
        arguments: [
            ("sh.keptn.event.configuration.change", "configuration.change"),
            ("sh.keptn.events.deployment-finished", "deployment.finished"),
            ("sh.keptn.events.tests-finished", "tests.finished"), ("sh.keptn.event.start-evaluation", "start.evaluation"),
            ("sh.keptn.events.evaluation-done", "evaluation.done"), ("sh.keptn.event.problem.open", "problem.open"),
        ]
    )
    func seed(type: String, name: String) {
        #expect(ScriptName.name(forType: type) == name)
    }

    @Test(
        "every type has its name",
        arguments: [
            ("sh.keptn.events.problem", "problem.open"), ("sh.keptn.event.monitoring.configure", "monitoring.configure"),
            ("sh.keptn.event.action.triggered", "action.triggered"), ("sh.keptn.event.test.triggered", "test.triggered"),
            ("sh.keptn.event.test.status.changed", "status.changed"), ("sh.keptn.event.get-sli.finished", "get-sli.finished"),
            ("sh.keptn.event.dev.delivery.triggered", "delivery.triggered"),
            ("sh.keptn.event.My_Task.triggered", "My_Task.triggered"),
            ("sh.keptn.event.my task.triggered", "my task.triggered"), ("sh.keptn.event.lonely", "event.lonely"),
            ("sh.keptn.events.other-thing", "sh.keptn.events.other-thing"), ("sh.keptn.log.error", "sh.keptn.log.error"),
            ("sh.keptn.internal.event.service.create", "sh.keptn.internal.event.service.create"),
            ("dev.cdevents.service.deployed.0.1.1", "service.deployed"),
            ("dev.cdevents.taskrun.finished.0.2.0-draft", "taskrun.finished"),
            ("dev.cdevents.testSuiteRun.Started.1.0.0", "testsuiterun.started"), ("dev.cdevents.x.y", "dev.cdevents.x.y"),
            ("Workload Pre-Deployment Tasks.Started", "workload-pre-deployment-tasks.started"),
            ("com.github.push", "com.github.push"),
            ("a  &&  b", "a-b"), ("..a..b..", "a.b"), ("../../etc/passwd", "-.-etc-passwd"), ("ÄÖ.x", "-.x"),
            ("sh.keptn.event./etc.passwd", "sh.keptn.event.-etc.passwd"),
            ("sh.keptn.event..triggered", "sh.keptn.event.triggered"),
            ("sh.keptn.event.a\0b.triggered", "sh.keptn.event.a-b.triggered"),
            ("dev.cdevents./x./y.0.1.1", "-x.-y"), ("sh.keptn.event.", "sh.keptn.event"),
        ]
    )
    func names(type: String, name: String) {
        #expect(ScriptName.name(forType: type) == name)
        #expect(PlainName(name) != nil)
    }

    @Test(
        "some types have none: nothing is left of them, or they would mean every event",
        arguments: [
            "", ".", "...", "all.events", "sh.keptn.event.all.events", "All.Events.x", String(repeating: "x", count: 241),
        ]
    )
    func nameless(type: String) {
        #expect(ScriptName.name(forType: type) == nil)
    }
}

@Suite("Era")
struct EraTests {
    @Test("is told by the specversion", arguments: [("0.2", Era.keptn07), ("0.3", .keptn07), ("1.0", .keptn08)])
    func version(specversion: String, era: Era) throws {
        #expect(Era(of: try event("t", version: try #require(.init(rawValue: specversion)))) == era)
    }

    @Test(
        "is set by the version of Keptn's specification",
        arguments: [("0.1", .keptn07), ("0.2", .keptn08), ("0.3", nil), ("", nil)] as [(String, Era?)]
    )
    func specification(text: String, era: Era?) {
        #expect(Era(specification: text) == era)
    }
}
