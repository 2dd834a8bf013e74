/// Times as people write them: `500ms`, `30s`, `5m`, `1h30m`, `7d`; a bare number is seconds.
public enum TimeSpan {
    private static let units: [(name: String, milliseconds: Double)] = [
        ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    /// - Returns: nil for a text that is no time, is negative, or is longer than a hundred years.
    public static func parse(_ text: String) -> Duration? {
        var rest = text[...].trimmed
        guard !rest.isEmpty else { return nil }
        var milliseconds = 0.0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            let unit = rest.dropFirst(digits.count).prefix { $0.isASCII && $0.isLetter }
            guard let count = Double(digits) else { return nil }
            // A bare number may stand only alone: "1h30" could mean minutes or seconds.
            let isBare = unit.isEmpty && digits.count == rest.count && milliseconds == 0
            let name = isBare ? "s" : unit.lowercased()
            guard let scale = units.first(where: { $0.name == name })?.milliseconds else { return nil }
            milliseconds += count * scale
            rest = String(rest.dropFirst(digits.count + unit.count))
        }
        guard milliseconds <= 100 * 365 * 86_400_000 else { return nil }
        return .milliseconds(milliseconds)
    }

    /// The shortest exact spelling: `1h30m`, `2s500ms`.
    public static func text(_ duration: Duration) -> String {
        var left = Int(duration.seconds * 1_000)
        guard left > 0 else { return "0s" }
        return units.reversed().reduce(into: "") { text, unit in
            let scale = Int(unit.milliseconds)
            if left >= scale { text += "\(left / scale)\(unit.name)" }
            left %= scale
        }
    }
}
