import Measuring

/// What one turn of a contender measured.
struct Turn: Sendable {
    var runs: Int
    var duration: Duration
    /// In milliseconds, of each run: from its start or its request to its end or its answer.
    var latencies: [Double]
    /// What the contender's process and its children took of the processors.
    var time: ProcessTime
    /// What the load generator took meanwhile.
    var loadCPU: Duration = .zero
    /// Resident memory of the contender's process at the end, in bytes.
    var memory: Int?

    var rate: Double { Double(runs) / (duration / .seconds(1)) }

    /// Milliseconds of a processor per run: the contender's own process, what it has started, and the load generator.
    var ownPerRun: Double { time.own.milliseconds / Double(runs) }
    var childrenPerRun: Double { time.children.milliseconds / Double(runs) }
    var loadPerRun: Double { loadCPU.milliseconds / Double(runs) }
}
