import Synchronization

/// Counts by one label, whose values are known beforehand: what comes from outside never makes a series.
final class Counter: Sendable {
    private final class Cell: Sendable {
        let count = Atomic(0)
    }

    /// What stands for all values that are not known, where a counter has it.
    static let other = "other"

    private let name: String
    private let help: String
    private let label: String
    private let values: [String]
    private let cells: [String: Cell]

    /// - Parameter values: what the label may be; all else counts as ``other``, if that is among them.
    init(_ name: String, _ help: String, label: String, values: [String]) {
        self.name = name
        self.help = help
        self.label = label
        self.values = values
        cells = Dictionary(uniqueKeysWithValues: values.map { ($0, Cell()) })
    }

    func add(_ value: String, count: Int = 1) {
        (cells[value] ?? cells[Self.other])?.count.add(count, ordering: .relaxed)
    }

    var family: MetricFamily {
        let samples = values.map { value in
            let count = cells[value]?.count.load(ordering: .relaxed) ?? 0
            return MetricFamily.Sample(labels: [.init(name: label, value: value)], value: Double(count))
        }
        return MetricFamily(name: name, help: help, kind: .counter, samples: samples)
    }
}
