/// How often all is measured. In each round everyone has a turn, so that what else the machine does hits all alike.
public struct Rounds: Sendable {
    public var count: Int
    /// Rounds before those that count.
    public var warmUp: Int

    public init(count: Int, warmUp: Int) {
        self.count = count
        self.warmUp = warmUp
    }

    /// - Parameters:
    ///   - turns: does its thing once and says what it measured, each of them.
    ///   - prepare: is called before each round, and does not count.
    ///   - record: gets what the turn at that place measured, in the rounds that count.
    public func run<Turn, Figure>(
        _ turns: [Turn],
        prepare: () async throws -> Void = {},
        measure: (Turn) async throws -> Figure,
        record: (Int, Figure) -> Void
    ) async throws {
        for round in 0..<(warmUp + count) {
            try await prepare()
            // Somebody else begins each time: who comes after whom must not matter.
            for offset in turns.indices {
                let place = (offset + round) % turns.count
                let figure = try await measure(turns[place])
                if round >= warmUp { record(place, figure) }
            }
        }
    }
}
