import CloudEvents

extension ChaosRecord {
    /// What must not be, a sentence each. Pure.
    var findings: [String] {
        var findings = mishaps + leftovers.map { "left over: \($0)" }
        if integrity != "ok" { findings.append("the database is damaged: \(integrity)") }
        return findings + runFindings + markerFindings + answerFindings + orderFindings
    }

    /// Each event that was accepted has one run, the one that its sender was told of, and it is over.
    private var runFindings: [String] {
        let runsOfEvent = Dictionary(grouping: runs, by: \.event)
        var findings: [String] = []
        for (event, told) in accepted {
            let runs = runsOfEvent[event] ?? []
            if Set(runs.map(\.id)) != told {
                findings.append("\(event) has the runs \(runs.map(\.id)), its sender was told \(told)")
            }
        }
        for (event, runs) in runsOfEvent {
            if runs.count != 1 { findings.append("\(event) has \(runs.count) runs") }
            if accepted[event] == nil { findings.append("\(event) was never answered 2xx, though its sender does not give up") }
        }
        for run in runs where !["finished", "failed", "errored"].contains(run.state) || run.result == nil {
            findings.append("the run of \(run.event) is \(run.state): \(run.message)")
        }
        return findings
    }

    /// No file ran twice that did not ask for it, and where a run passed, its file ran.
    private var markerFindings: [String] {
        let runsByID = Dictionary(runs.map { ($0.id, $0) }) { first, _ in first }
        var counts: [String: Int] = [:]
        var findings: [String] = []
        for marker in markers {
            counts[marker.run, default: 0] += 1
            if runsByID[marker.run]?.event != marker.event { findings.append("a file ran for \(marker), which is no run") }
        }
        for run in runs {
            let count = counts[run.id] ?? 0
            if count > 1, run.type != ChaosEvent.runsAgain { findings.append("the file of \(run.event) ran \(count) times") }
            if count == 0, run.result == "pass" { findings.append("\(run.event) passed, and its file did not run") }
        }
        return findings
    }

    /// Each started has its finished after it, each event has both, and each came with one content.
    private var answerFindings: [String] {
        var findings: [String] = []
        var kinds: [String: [String]] = [:]
        for (id, events) in Dictionary(grouping: received, by: \.id) where Set(events.map(\.raw)).count != 1 {
            findings.append("the answer \(id) came with several contents")
        }
        for event in firstArrivals {
            guard let triggeredID = event.extensionText("triggeredid"), let kind = event.type.split(separator: ".").last else {
                findings.append("an answer belongs to no event: \(event.type) \(event.id)")
                continue
            }
            kinds[triggeredID, default: []].append(String(kind))
        }
        for event in Set(accepted.keys).union(kinds.keys) where kinds[event] ?? [] != ["started", "finished"] {
            findings.append("\(event) was answered \(kinds[event] ?? [])")
        }
        let known = Set(received.map(\.id))
        for answer in answers where answer.state != "delivered" || !known.contains(answer.id) {
            findings.append(
                "the answer \(answer.id) is \(answer.state), and \(known.contains(answer.id) ? "came" : "never came")"
            )
        }
        for id in known.subtracting(answers.map(\.id)) { findings.append("nobody knows the answer \(id) that came") }
        return findings
    }

    /// Answers of a context come in the order in which they were made; in a strict lane files run in the order of arrival.
    private var orderFindings: [String] {
        var findings: [String] = []
        let arrival = Dictionary(firstArrivals.enumerated().map { ($1.id, $0) }) { first, _ in first }
        for (context, answers) in Dictionary(grouping: answers, by: \.context) {
            let places = answers.compactMap { arrival[$0.id] }
            if places != places.sorted() { findings.append("the answers of \(context) came out of order") }
        }
        let lanes = Dictionary(grouping: runs.filter { $0.project == ChaosEvent.strictProject }, by: \.service)
        for (service, runs) in lanes {
            let sequences = Dictionary(runs.map { ($0.id, $0.sequence) }) { first, _ in first }
            let order = markers.compactMap { sequences[$0.run] }
            if order != order.sorted() { findings.append("the files of \(service) ran out of order") }
        }
        return findings
    }

    private var firstArrivals: [CloudEvent] {
        var seen: Set<String> = []
        return received.filter { seen.insert($0.id).inserted }
    }
}
