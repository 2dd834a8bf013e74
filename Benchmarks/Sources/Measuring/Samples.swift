/// What was measured of one thing, each time that it was done.
public struct Samples: Sendable, Hashable {
    public private(set) var values: [Double] = []

    public init() {}

    public mutating func append(_ value: Double) { values.append(value) }

    public mutating func append(contentsOf other: [Double]) { values += other }

    /// Counts in milliseconds.
    public mutating func append(_ duration: Duration) { append(duration.milliseconds) }

    public var median: Double { quantile(0.5) }

    /// The value that this part of the samples does not exceed, between the two nearest; NaN without samples.
    public func quantile(_ part: Double) -> Double {
        let sorted = values.sorted()
        guard let last = sorted.indices.last else { return .nan }
        let place = part * Double(last)
        let (below, above) = (sorted[Int(place)], sorted[min(Int(place) + 1, last)])
        return below + (above - below) * (place - place.rounded(.down))
    }
}

extension Duration {
    public var milliseconds: Double { self / .milliseconds(1) }
}
