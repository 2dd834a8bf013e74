import Measuring

/// What one turn of a contender measured; its runs are scripts, or just requests.
public struct Turn: Sendable {
    public var runs: Int
    public var duration: Duration
    /// In milliseconds, of each run: from its start or its request to its end or its answer.
    public var latencies: [Double]
    /// What the contender's process and its children took of the processors.
    public var time: ProcessTime
    /// What the load generator took meanwhile.
    public var loadCPU: Duration = .zero
    /// Resident memory of the contender's process at the end, in bytes.
    public var memory: Int?
    /// What the server counted of its commits meanwhile.
    public var commits: Commits?

    public struct Commits: Sendable {
        public var count: Double
        /// Events that they brought in, all together.
        public var events: Double
        /// Senders that waited at the end of each, all together.
        public var senders: Double

        public init(count: Double, events: Double, senders: Double) {
            self.count = count
            self.events = events
            self.senders = senders
        }

        public static func - (left: Commits, right: Commits) -> Commits {
            Commits(count: left.count - right.count, events: left.events - right.events, senders: left.senders - right.senders)
        }
    }

    public init(
        runs: Int,
        duration: Duration,
        latencies: [Double],
        time: ProcessTime,
        loadCPU: Duration = .zero,
        memory: Int? = nil
    ) {
        self.runs = runs
        self.duration = duration
        self.latencies = latencies
        self.time = time
        self.loadCPU = loadCPU
        self.memory = memory
    }

    public var rate: Double { Double(runs) / (duration / .seconds(1)) }

    /// Milliseconds of a processor per run: the contender's own process, what it has started, and the load generator.
    public var ownPerRun: Double { time.own.milliseconds / Double(runs) }
    public var childrenPerRun: Double { time.children.milliseconds / Double(runs) }
    public var loadPerRun: Double { loadCPU.milliseconds / Double(runs) }
}
