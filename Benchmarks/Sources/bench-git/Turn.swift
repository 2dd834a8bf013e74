import Measuring

/// One of those who are measured in turns.
struct Turn: Sendable {
    let measure: Measure
    /// Does it once and says how long it took.
    let run: @Sendable () async throws -> Duration

    /// `run` looks at the clock itself.
    init(timed measure: Measure, _ run: @escaping @Sendable () async throws -> Duration) {
        self.measure = measure
        self.run = run
    }

    /// All that `body` does counts.
    init(_ measure: Measure, _ body: @escaping @Sendable () async throws -> Void) {
        self.init(timed: measure) { try await ContinuousClock().measure { try await body() } }
    }
}

extension Rounds {
    /// - Parameter prepare: is called before each round, and does not count.
    func run(_ turns: [Turn], into figures: inout Figures, prepare: () async throws -> Void = {}) async throws {
        for turn in turns { figures.add(turn.measure) }
        try await run(turns, prepare: prepare) {
            try await $0.run()
        } record: {
            figures.append($1, to: turns[$0].measure)
        }
    }
}
