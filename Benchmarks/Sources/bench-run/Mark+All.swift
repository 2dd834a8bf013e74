import Measuring
import Serving

extension Mark {
    /// What is promised at 8 and at 32 runs at once (docs/performance.md); of those who were measured.
    static func all(_ figures: Figures<Options.Name>) -> [Mark] {
        [8, 32].flatMap { atOnce in
            func measured(_ names: Options.Name...) -> Bool { names.allSatisfy { !figures[$0, atOnce].isEmpty } }
            func ratio(_ one: Options.Name, _ other: Options.Name, _ limit: Double, _ note: String = "") -> Mark {
                Mark(
                    title: "\(atOnce) at once: runs/s, \(one.rawValue) / \(other.rawValue)",
                    figure: figures.ratio(one, to: other, atOnce: atOnce),
                    limit: limit,
                    isLeast: true,
                    note: note
                )
            }
            var marks: [Mark] = []
            if measured(.executor, .floor) { marks.append(ratio(.executor, .floor, 0.85)) }
            if measured(.executor) {
                let cpu = figures.samples(.init(name: .executor, atOnce: atOnce), \.ownPerRun).median
                marks.append(Mark(title: "\(atOnce) at once: own CPU per run, executor", figure: cpu, limit: 0.2, unit: "ms"))
            }
            if measured(.service, .floor) { marks.append(ratio(.service, .floor, 0.7, "0.8 is the aim")) }
            if measured(.service, .webhook) { marks.append(ratio(.service, .webhook, 1)) }
            return marks
        }
    }
}
