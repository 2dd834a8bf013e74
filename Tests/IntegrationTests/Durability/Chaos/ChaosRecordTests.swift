import CloudEvents
import Testing

/// What the chaos test would say: each thing that must not be is seen.
@Suite struct ChaosRecordTests {
    private static let strict = ChaosEvent.strictProject

    /// Two events that went well.
    private static let good: ChaosRecord = {
        var record = ChaosRecord()
        for number in 1...2 {
            let (event, id) = ("event-\(number)", "run-\(number)")
            record.accepted[event] = [id]
            record.runs.append(run(number))
            record.markers.append(.init(event: event, run: id))
            for kind in ["started", "finished"] {
                record.answers.append(.init(id: "\(kind)-\(number)", context: "context", state: "delivered"))
                record.received.append(answer(kind, number))
            }
        }
        return record
    }()

    private static func run(_ number: Int, id: String? = nil, type: String = "test", state: String = "finished")
        -> ChaosRecord.Run
    {
        .init(
            sequence: Int64(number),
            id: id ?? "run-\(number)",
            event: "event-\(number)",
            type: type,
            project: strict,
            service: "carts",
            state: state,
            result: state == "running" ? nil : "pass",
            message: ""
        )
    }

    private static func answer(_ kind: String, _ number: Int, data: JSONObject = [:]) -> CloudEvent {
        CloudEvent(
            id: "\(kind)-\(number)",
            source: "test",
            specVersion: .v1_0,
            type: "sh.keptn.event.test.\(kind)",
            time: Timestamp(milliseconds: 0),
            extensions: ["triggeredid": .string("event-\(number)")],
            data: .json(.object(data))
        )
    }

    @Test("Nothing is found where all went well, repeats of an answer and runs that were asked for again included")
    func nothing() {
        #expect(Self.good.findings == [])
        var record = Self.good
        record.received.insert(Self.answer("started", 1), at: 1)
        record.runs[0] = Self.run(1, type: ChaosEvent.runsAgain)
        record.markers.insert(record.markers[0], at: 0)
        #expect(record.findings == [])
        #expect(record.repeats == 1)
    }

    /// Something that must not be, and a part of what is said of it.
    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let make: @Sendable (inout ChaosRecord) -> Void

        init(_ part: String, _ make: @escaping @Sendable (inout ChaosRecord) -> Void) {
            (testDescription, self.make) = (part, make)
        }
    }

    private static let faults = [
        Fault("the runs") { $0.accepted["event-1"] = ["run-1", "run-9"] },
        Fault("the runs") { $0.runs.removeFirst() },
        Fault("has 2 runs") { $0.runs.append(run(1, id: "run-9")) },
        Fault("never answered 2xx") { $0.accepted["event-1"] = nil },
        Fault("is running") { $0.runs[0] = run(1, state: "running") },
        Fault("ran 2 times") { $0.markers.append($0.markers[1]) },
        Fault("which is no run") { $0.markers.append(.init(event: "event-1", run: "run-2")) },
        Fault("did not run") { $0.markers.removeLast() },
        Fault("several contents") { $0.received.append(answer("started", 1, data: ["a": "b"])) },
        Fault("was answered [\"started\"]") { $0.received.removeLast() },
        Fault("was answered [\"finished\", \"started\"]") { $0.received.swapAt(0, 1) },
        Fault("belongs to no event") { $0.received[0].extensions = [:] },
        Fault("is waiting, and came") { $0.answers[0] = .init(id: "started-1", context: "context", state: "waiting") },
        Fault("never came") { $0.answers.append(.init(id: "other", context: "context", state: "delivered")) },
        Fault("nobody knows") { $0.answers.removeLast() },
        Fault("the answers of context came out of order") { $0.received.swapAt(1, 2) },
        Fault("the files of carts ran out of order") { $0.markers.swapAt(0, 1) },
        Fault("damaged") { $0.integrity = "row missing" },
        Fault("left over: runs/a") { $0.leftovers = ["runs/a"] },
        Fault("the service ended") { $0.mishaps = ["the service ended"] },
    ]

    @Test("Each thing that must not be is found", arguments: faults)
    func something(fault: Fault) {
        var record = Self.good
        fault.make(&record)
        #expect(record.findings.contains { $0.contains(fault.testDescription) }, "\(record.findings)")
    }
}
