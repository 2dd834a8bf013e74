import Measuring
import Serving

extension Table {
    /// What a person reads of the turns.
    init(_ figures: Figures<Contender.Name>) {
        let heading = [
            "at once", "by", "per second", "25 %", "75 %", "p50 ms", "p99 ms", "own CPU", "load", "commits", "events/commit",
            "senders", "MiB",
        ]
        let numbers = Set(figures.keys.map(\.atOnce)).sorted()
        let keys = numbers.flatMap { atOnce in
            Contender.Name.allCases.map { Figures<Contender.Name>.Key(name: $0, atOnce: atOnce) }
        }
        let rows = keys.filter { !figures[$0.name, $0.atOnce].isEmpty }.map { key in
            let rate = figures.samples(key, \.rate)
            let latencies = figures.latencies(key)
            let numbers = [
                rate.median, rate.quantile(0.25), rate.quantile(0.75), latencies.median, latencies.quantile(0.99),
                figures.samples(key, \.ownPerRun).median,
                figures.samples(key, \.loadPerRun).median,
                figures.samples(key) { turn in turn.commits.map { $0.count / Double(turn.runs) } }.median,
                figures.samples(key, \.eventsPerCommit).median,
                figures.samples(key, \.sendersPerCommit).median,
                figures.samples(key) { $0.memory.map { Double($0) / Double(1 << 20) } }.quantile(1),
            ]
            return ["\(key.atOnce)", key.name.rawValue] + numbers.map(Table.text)
        }
        self.init([heading] + rows, left: 2)
    }
}

extension Turn {
    /// Events that share a flush.
    var eventsPerCommit: Double? { commits.map { $0.events / $0.count } }
    /// Senders that wait when a flush ends.
    var sendersPerCommit: Double? { commits.map { $0.senders / $0.count } }
    /// The median of this turn alone.
    var median: Double {
        var samples = Samples()
        samples.append(contentsOf: latencies)
        return samples.median
    }
}
