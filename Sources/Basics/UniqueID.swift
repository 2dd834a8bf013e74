import Glibc

/// Identifiers that nobody else makes (RFC 9562), in the usual spelling.
public enum UniqueID {
    /// A random one (version 4).
    public static func random() -> String { text(high: .random(in: .min ... .max), low: .random(in: .min ... .max), version: 4) }

    /// One that sorts by the time it was made, to the millisecond (version 7).
    public static func ordered() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let milliseconds = UInt64(max(0, now.tv_sec)) &* 1_000 &+ UInt64(now.tv_nsec / 1_000_000)
        return text(high: milliseconds << 16 | .random(in: 0...0xFFFF), low: .random(in: .min ... .max), version: 7)
    }

    private static func text(high: UInt64, low: UInt64, version: UInt64) -> String {
        let high = high & ~0xF000 | version << 12
        let low = low & ~(3 << 62) | 2 << 62
        let digits = Array((hexadecimal(high) + hexadecimal(low)).utf8)
        let groups = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32]
        return groups.map { String(decoding: digits[$0], as: UTF8.self) }.joined(separator: "-")
    }

    private static func hexadecimal(_ value: UInt64) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }
}
