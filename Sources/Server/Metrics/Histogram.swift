import Basics
import Synchronization

/// How long things took, or how many they were, by one label at most, whose values are known beforehand.
final class Histogram: Sendable {
    private struct Counts {
        /// Of each bucket by itself; the last one has no upper bound.
        var buckets: [Int]
        var sum = 0.0
    }

    private final class Series: Sendable {
        let counts: Mutex<Counts>

        init(buckets: Int) { counts = Mutex(Counts(buckets: Array(repeating: 0, count: buckets))) }
    }

    private let name: String
    private let help: String
    /// nil: there is one series, without a label, whose value is empty.
    private let label: String?
    private let values: [String]
    private let bounds: [Double]
    /// A lock for each: those who measure different things do not meet.
    private let series: [String: Series]

    /// - Parameters:
    ///   - values: what the label may be; anything else is not counted.
    ///   - bounds: the upper bounds of the buckets, of durations in seconds, rising.
    init(_ name: String, _ help: String, label: String? = nil, values: [String] = [""], bounds: [Double]) {
        self.name = name
        self.help = help
        self.label = label
        self.values = values
        self.bounds = bounds
        series = Dictionary(uniqueKeysWithValues: values.map { ($0, Series(buckets: bounds.count + 1)) })
    }

    func record(_ value: String, _ duration: Duration) { record(value, duration.seconds) }

    func record(_ value: String, _ number: Double) {
        let bucket = bounds.firstIndex { number <= $0 } ?? bounds.count
        series[value]?.counts.withLock { counts in
            counts.buckets[bucket] += 1
            counts.sum += number
        }
    }

    var family: MetricFamily {
        MetricFamily(name: name, help: help, kind: .histogram, samples: values.flatMap(samples))
    }

    /// The buckets as Prometheus has them, each with all that are below it.
    private func samples(_ value: String) -> [MetricFamily.Sample] {
        guard let counts = series[value]?.counts.withLock({ $0 }) else { return [] }
        let labels = label.map { [MetricFamily.Label(name: $0, value: value)] } ?? []
        var total = 0
        var samples: [MetricFamily.Sample] = []
        for (bound, count) in zip(bounds + [.infinity], counts.buckets) {
            total += count
            let limit = MetricFamily.Label(name: "le", value: MetricFamily.number(bound))
            samples.append(.init(suffix: "_bucket", labels: labels + [limit], value: Double(total)))
        }
        samples.append(.init(suffix: "_sum", labels: labels, value: counts.sum))
        samples.append(.init(suffix: "_count", labels: labels, value: Double(total)))
        return samples
    }
}
