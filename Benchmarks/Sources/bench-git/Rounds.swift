/// How often all is measured. In each round everyone has a turn, so that what else the machine does hits all alike.
struct Rounds: Sendable {
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

    var count = 30
    /// Rounds before those that count.
    var warmUp = 3

    /// - Parameter prepare: is called before each round, and does not count.
    func run(_ turns: [Turn], into figures: inout Figures, prepare: () async throws -> Void = {}) async throws {
        for turn in turns { figures.add(turn.measure) }
        for round in 0..<(warmUp + count) {
            try await prepare()
            // Somebody else begins each time: who comes after whom must not matter.
            for place in turns.indices {
                let turn = turns[(place + round) % turns.count]
                let duration = try await turn.run()
                if round >= warmUp { figures.append(duration, to: turn.measure) }
            }
        }
    }
}
