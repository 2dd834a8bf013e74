import CloudEvents
import ServerTestSupport
import TestSupport

/// The numbered events of the chaos test, and the files that run for them.
struct ChaosEvent: Sendable {
    /// How many services, contexts: few enough that many events share one.
    private static let contexts = 24

    let number: Int

    var id: String { "event-\(number)" }

    /// Whether the file may run twice.
    private var runsAgain: Bool { number % 5 == 2 || number % 5 == 4 }
    /// Whether the events of its service run one after the other.
    private var isStrict: Bool { number % 5 > 2 }

    var json: JSON {
        KeptnEvent.v08(
            "sh.keptn.event.\(runsAgain ? "deployment" : "test").triggered",
            id: id,
            context: "context-\(number % Self.contexts)",
            data: ["project": .string(isStrict ? "strict" : "free"), "service": .string(number % 2 == 0 ? "carts" : "orders")]
        )
    }

    /// The type of events whose files may run twice.
    static let runsAgain = "sh.keptn.event.deployment.triggered"
    static let strictProject = "strict"

    /// Leaves its mark, takes a moment, says something.
    private static let script = """
        echo "$ID $RUN_ID" >> "$ENV_MARKERS"
        sleep "0.0$((RANDOM % 4))"
        echo "ran for $ID"
        """

    static let files: [String: BareRepository.Change] = [
        "genericexecutor/test.triggered.sh": .file(Array("#!/bin/bash\n\(script)".utf8)),
        "genericexecutor/deployment.triggered.sh": .file(Array("#!/bin/bash\n# ges: rerun-on-restart\n\(script)".utf8)),
    ]

    /// The limits of its project.
    static let configuration = """
        projects:
          \(strictProject):
            script_concurrency_per_service: 1
        """
}
