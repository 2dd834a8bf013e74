extension CloudEvent {
    /// What the event takes in memory, in bytes, by estimate: it is kept as it came and as values. An array of small numbers takes ten
    /// times what its text does.
    public var footprint: Int {
        var count = extensions.count
        if case .json(let value) = data { count += value.valueCount }
        return 2 * raw.count + 32 * count
    }
}

extension JSON {
    /// How many values there are in it, itself counted.
    fileprivate var valueCount: Int {
        switch self {
        case .array(let elements): elements.reduce(1) { $0 + $1.valueCount }
        case .object(let object): object.reduce(1) { $0 + $1.value.valueCount }
        default: 1
        }
    }
}
