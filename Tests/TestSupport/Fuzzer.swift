/// Mutates valid inputs at random, but the same way for the same seed: a failure is repeated by its seed.
public struct Fuzzer: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    /// A step of a Weyl sequence, mixed (SplitMix64).
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// `bytes` with one to eight changes: bytes flipped, replaced, inserted, removed, repeated, or swapped for one of `tokens`.
    public mutating func mutate(_ bytes: [UInt8], tokens: [String] = []) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...8, using: &self) {
            let start = Int.random(in: 0...bytes.count, using: &self)
            let end = min(bytes.count, start + Int.random(in: 0...6, using: &self))
            switch Int.random(in: 0...5, using: &self) {
            case 0: bytes.removeSubrange(start..<end)
            case 1: bytes.insert(contentsOf: bytes[start..<end], at: start)
            case 2: bytes.insert(.random(in: 0...255, using: &self), at: start)
            case 3: bytes.removeSubrange(start..<max(start, bytes.count - (bytes.count - start) / 2))
            case 4 where start < bytes.count: bytes[start] ^= 1 << UInt8.random(in: 0...7, using: &self)
            default:
                let token = tokens.randomElement(using: &self) ?? ""
                bytes.replaceSubrange(start..<end, with: token.utf8)
            }
        }
        return bytes
    }
}
