/// How long one thing took, each time that it was done.
struct Samples: Sendable, Hashable {
    private(set) var milliseconds: [Double] = []

    mutating func append(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        milliseconds.append(Double(seconds) * 1e3 + Double(attoseconds) * 1e-15)
    }

    var median: Double { quantile(0.5) }

    /// The value that this part of the samples does not exceed, between the two nearest; NaN without samples.
    func quantile(_ part: Double) -> Double {
        let sorted = milliseconds.sorted()
        guard let last = sorted.indices.last else { return .nan }
        let place = part * Double(last)
        let (below, above) = (sorted[Int(place)], sorted[min(Int(place) + 1, last)])
        return below + (above - below) * (place - place.rounded(.down))
    }
}
