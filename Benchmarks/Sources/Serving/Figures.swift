public import Measuring

/// All turns that count, by who had them and how many runs were under way at a time.
///
/// `Name`: the names of those who are measured.
public struct Figures<Name: Sendable & Hashable>: Sendable {
    public struct Key: Sendable, Hashable {
        public var name: Name
        public var atOnce: Int

        public init(name: Name, atOnce: Int) {
            self.name = name
            self.atOnce = atOnce
        }
    }

    /// In the order in which they were added first.
    public private(set) var keys: [Key] = []
    private var turns: [Key: [Turn]] = [:]

    public init() {}

    public mutating func append(_ turn: Turn, of name: Name, atOnce: Int) {
        let key = Key(name: name, atOnce: atOnce)
        if turns[key] == nil { keys.append(key) }
        turns[key, default: []].append(turn)
    }

    public subscript(name: Name, atOnce: Int) -> [Turn] { turns[Key(name: name, atOnce: atOnce)] ?? [] }

    /// What `value` says of each turn; turns without a value are left out.
    public func samples(_ key: Key, _ value: (Turn) -> Double?) -> Samples {
        var samples = Samples()
        for turn in self[key.name, key.atOnce] {
            if let value = value(turn) { samples.append(value) }
        }
        return samples
    }

    /// The latencies of all turns.
    public func latencies(_ key: Key) -> Samples {
        self[key.name, key.atOnce].reduce(into: Samples()) { $0.append(contentsOf: $1.latencies) }
    }

    /// Runs per second of one by those of another in the same round, the median of all rounds; NaN if one of them has no turns.
    public func ratio(_ name: Name, to other: Name, atOnce: Int) -> Double {
        var samples = Samples()
        for (one, two) in zip(self[name, atOnce], self[other, atOnce]) { samples.append(one.rate / two.rate) }
        return samples.median
    }
}
