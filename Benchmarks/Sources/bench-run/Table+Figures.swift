import Measuring
import Serving

extension Table {
    /// What a person reads of the turns.
    init(_ figures: Figures<Options.Name>) {
        let heading = [
            "at once", "by", "runs/s", "25 %", "75 %", "of floor", "p50 ms", "p99 ms", "own CPU", "children", "load", "MiB",
        ]
        let rows = figures.keys.map { key in
            let rate = figures.samples(key, \.rate)
            let latencies = figures.latencies(key)
            let numbers = [
                rate.median, rate.quantile(0.25), rate.quantile(0.75),
                figures.ratio(key.name, to: .floor, atOnce: key.atOnce),
                latencies.median, latencies.quantile(0.99),
                figures.samples(key, \.ownPerRun).median,
                figures.samples(key, \.childrenPerRun).median,
                figures.samples(key, \.loadPerRun).median,
                figures.samples(key) { $0.memory.map { Double($0) / Double(1 << 20) } }.quantile(1),
            ]
            return ["\(key.atOnce)", key.name.rawValue] + numbers.map(Table.text)
        }
        self.init([heading] + rows, left: 2)
    }
}
