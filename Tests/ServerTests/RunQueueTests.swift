import Model
import TestSupport
import Testing

@testable import Server

/// The queue against a plain list that is searched from the beginning each time.
struct RunQueueTests {
    private enum Phase { case reserved, ready, running }

    private struct Entry {
        var place: RunQueue.Place
        var scope: Scope
        var limits: RunLimits
        var phase = Phase.reserved
    }

    /// Which run the rules want next.
    private func expected(_ entries: [Entry], limit: Int) -> RunQueue.Priority? {
        let running = entries.filter { $0.phase == .running }
        guard running.count < limit else { return nil }
        let candidates = entries.filter { entry in
            guard entry.phase == .ready else { return false }
            if let most = entry.limits.perProject, running.count(where: { $0.scope.project == entry.scope.project }) >= most {
                return false
            }
            guard entry.limits.perService > 0 else { return true }
            let same = entries.filter { $0.scope == entry.scope }
            guard same.count(where: { $0.phase == .running }) < entry.limits.perService else { return false }
            // However urgent: what came first goes first.
            return !same.contains { $0.phase != .running && $0.place.priority.sequence < entry.place.priority.sequence }
        }
        return candidates.map(\.place.priority).min()
    }

    @Test("Random arrivals, beginnings, ends and departures follow the rules, and lose or double no slot", arguments: 0..<8)
    func random(seed: UInt64) {
        var fuzzer = Fuzzer(seed: seed)
        let limit = Int.random(in: 1...4, using: &fuzzer)
        var queue = RunQueue(limit: limit)
        var entries: [Entry] = []
        let perService: [String: Int] = ["a": 0, "b": 1, "c": 2]
        for sequence in 0..<800 {
            switch Int.random(in: 0..<10, using: &fuzzer) {
            case 0..<4 where entries.count < 40:
                let project = ["p", "q", "r"].randomElement(using: &fuzzer)!
                let service = ["a", "b", "c"].randomElement(using: &fuzzer)!
                let scope = Scope(project: PlainName(project), stage: PlainName("s"), service: PlainName(service))
                let limits = RunLimits(perProject: project == "q" ? 2 : nil, perService: perService[service]!)
                let priority = RunQueue.Priority(isUrgent: Int.random(in: 0..<5, using: &fuzzer) == 0, sequence: UInt64(sequence))
                entries.append(Entry(place: queue.enter(scope, priority, limits: limits), scope: scope, limits: limits))
            case 4..<7:
                guard let index = entries.indices.filter({ entries[$0].phase == .reserved }).randomElement(using: &fuzzer) else {
                    continue
                }
                entries[index].phase = .ready
                queue.makeReady(entries[index].place)
            case 7:
                guard let index = entries.indices.filter({ entries[$0].phase != .running }).randomElement(using: &fuzzer) else {
                    continue
                }
                queue.leave(entries[index].place, wasReady: entries[index].phase == .ready)
                entries.remove(at: index)
            default:
                guard let index = entries.indices.filter({ entries[$0].phase == .running }).randomElement(using: &fuzzer) else {
                    continue
                }
                queue.finish(entries[index].place)
                entries.remove(at: index)
            }
            while let wanted = expected(entries, limit: limit) {
                #expect(queue.next() == wanted)
                entries[entries.firstIndex { $0.place.priority == wanted }!].phase = .running
            }
            #expect(queue.next() == nil)
            #expect(queue.running == entries.count { $0.phase == .running })
            #expect(queue.waiting == entries.count { $0.phase == .ready })
        }
    }
}
