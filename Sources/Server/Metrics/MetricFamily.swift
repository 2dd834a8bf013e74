/// A metric with its values at one moment, as Prometheus knows it.
struct MetricFamily: Sendable, Hashable {
    enum Kind: String, Sendable, Hashable {
        case counter
        case gauge
        case histogram
    }

    struct Sample: Sendable, Hashable {
        /// What follows the family's name: `_bucket`, `_sum`, `_count`; else empty.
        var suffix = ""
        var labels: [Label] = []
        var value: Double
    }

    struct Label: Sendable, Hashable {
        var name: String
        var value: String
    }

    var name: String
    var help: String
    var kind: Kind
    var samples: [Sample]

    static func counter(_ name: String, _ help: String, _ value: Double) -> MetricFamily {
        MetricFamily(name: name, help: help, kind: .counter, samples: [Sample(value: value)])
    }

    static func gauge(_ name: String, _ help: String, _ value: Double) -> MetricFamily {
        MetricFamily(name: name, help: help, kind: .gauge, samples: [Sample(value: value)])
    }
}
