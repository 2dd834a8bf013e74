import Measuring
import Serving

extension Mark {
    /// What is promised (docs/performance.md), of those who were measured.
    static func all(_ figures: Figures<Contender.Name>) -> [Mark] {
        func isMeasured(_ name: Contender.Name, _ atOnce: Int) -> Bool { !figures[name, atOnce].isEmpty }
        var marks: [Mark] = []
        if isMeasured(.full, 1) {
            let figure = lag(figures)
            marks.append(Mark(title: "1 at once: p50, full / (append + off)", figure: figure, limit: 1))
        }
        for atOnce in [16, 64] where isMeasured(.full, atOnce) {
            let ratio = figures.ratio(.full, to: .off, atOnce: atOnce)
            marks.append(Mark(title: "\(atOnce) at once: events/s, full / off", figure: ratio, limit: 0.5, isLeast: true))
            let part = figures.samples(.init(name: .full, atOnce: atOnce)) { turn in
                turn.commits.map { $0.events / $0.senders }
            }.median
            let title = "\(atOnce) at once: events/commit, of the senders that wait"
            marks.append(Mark(title: title, figure: part, limit: 0.25, isLeast: true))
        }
        for atOnce in [1, 16] where isMeasured(.longHistory, atOnce) {
            let ratio = figures.ratio(.full, to: .longHistory, atOnce: atOnce)
            marks.append(Mark(title: "\(atOnce) at once: as slow with a long history", figure: ratio, limit: 1.3))
        }
        if isMeasured(.longList, 1) {
            let ratio = figures.ratio(.list, to: .longList, atOnce: 1)
            marks.append(Mark(title: "listing: as slow with a long history", figure: ratio, limit: 1.3))
        }
        if let growth = growth(figures) {
            marks.append(Mark(title: "memory, with a long history more", figure: growth, limit: 4, unit: "MiB"))
        }
        return marks
    }

    /// The median of all rounds.
    private static func lag(_ figures: Figures<Contender.Name>) -> Double {
        var samples = Samples()
        for (full, (append, off)) in zip(figures[.full, 1], zip(figures[.appends, 1], figures[.off, 1])) {
            samples.append(full.median / (append.median + off.median))
        }
        return samples.median
    }

    /// In MiB, after the last turn of both, which have done the same; the most for any number of connections.
    private static func growth(_ figures: Figures<Contender.Name>) -> Double? {
        figures.keys.filter { $0.name == .longHistory }.compactMap { key in
            guard let long = figures[.longHistory, key.atOnce].last?.memory, let short = figures[.full, key.atOnce].last?.memory
            else { return nil }
            return Double(long - short) / Double(1 << 20)
        }.max()
    }
}
