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
        let halves = [high & ~0xF000 | version << 12, low & ~(3 << 62) | 2 << 62]
        return String(unsafeUninitializedCapacity: 36) { text in
            var position = 0
            for digit in 0..<32 {
                if [8, 12, 16, 20].contains(digit) {
                    text[position] = UInt8(ascii: "-")
                    position += 1
                }
                let value = UInt8(truncatingIfNeeded: halves[digit / 16] >> UInt64(60 - digit % 16 * 4)) & 0xF
                text[position] = value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
                position += 1
            }
            return position
        }
    }
}
