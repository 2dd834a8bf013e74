import Measuring

/// All turns that count, by who had them and how many runs were under way at a time.
struct Figures: Sendable {
    struct Key: Sendable, Hashable {
        var name: Options.Name
        var atOnce: Int
    }

    /// In the order in which they were added first.
    private(set) var keys: [Key] = []
    private var turns: [Key: [Turn]] = [:]

    mutating func append(_ turn: Turn, of name: Options.Name, atOnce: Int) {
        let key = Key(name: name, atOnce: atOnce)
        if turns[key] == nil { keys.append(key) }
        turns[key, default: []].append(turn)
    }

    subscript(name: Options.Name, atOnce: Int) -> [Turn] { turns[Key(name: name, atOnce: atOnce)] ?? [] }

    /// What `value` says of each turn; turns without a value are left out.
    func samples(_ key: Key, _ value: (Turn) -> Double?) -> Samples {
        var samples = Samples()
        for turn in self[key.name, key.atOnce] {
            if let value = value(turn) { samples.append(value) }
        }
        return samples
    }

    /// The latencies of all turns.
    func latencies(_ key: Key) -> Samples {
        self[key.name, key.atOnce].reduce(into: Samples()) { $0.append(contentsOf: $1.latencies) }
    }

    /// Runs per second of one by those of another in the same round, the median of all rounds; NaN if one of them has no turns.
    func ratio(_ name: Options.Name, to other: Options.Name, atOnce: Int) -> Double {
        var samples = Samples()
        for (one, two) in zip(self[name, atOnce], self[other, atOnce]) { samples.append(one.rate / two.rate) }
        return samples.median
    }
}
