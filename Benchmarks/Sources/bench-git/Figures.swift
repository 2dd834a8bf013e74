import Measuring

/// What was measured: the repository, what was done to it, and who did it.
struct Measure: Sendable, Hashable {
    /// Who did it.
    enum Contender: String, Sendable {
        /// One bare GET of info/refs on a kept connection.
        case get = "GET info/refs"
        /// `RepoCache.refresh`.
        case refresh
        /// `RepoCache.snapshot`.
        case snapshot
        case git = "git fetch --depth 1"
        /// As many files of the same size, written without anything around them.
        case files = "files by hand"
    }

    var repository: String
    var action: String
    var contender: Contender
}

/// All samples, by what was measured.
struct Figures: Sendable {
    /// In the order in which they were added.
    private(set) var measures: [Measure] = []
    private var samples: [Measure: Samples] = [:]

    subscript(measure: Measure) -> Samples { samples[measure] ?? Samples() }

    func median(_ repository: String, _ action: String, _ contender: Measure.Contender) -> Double {
        self[Measure(repository: repository, action: action, contender: contender)].median
    }

    mutating func add(_ measure: Measure) {
        guard samples[measure] == nil else { return }
        measures.append(measure)
        samples[measure] = Samples()
    }

    /// - Parameter measure: was added.
    mutating func append(_ duration: Duration, to measure: Measure) { samples[measure]?.append(duration) }
}
