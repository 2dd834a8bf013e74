import Glibc

/// Secrets with a common beginning, in the order of their bytes: which one a text begins with is found in a few steps, however many
/// they are and however much they have in common.
struct SecretGroup: Sendable {
    /// What a text begins with.
    struct Finding {
        /// The length of the longest secret that is there.
        var length: Int?
        /// The whole of the text is the beginning of a longer one.
        var mayGoOn: Bool
    }

    private let bytes: [UInt8]
    /// Where each secret begins in `bytes`, and where the last one ends.
    private let bounds: [Int]
    /// For each secret the longest other one that it begins with; -1: none.
    private let shorter: [Int]

    init(_ secrets: some Sequence<[UInt8]>) {
        let sorted = Set(secrets).sorted { left, right in
            let order = memcmp(left, right, min(left.count, right.count))
            return order == 0 ? left.count < right.count : order < 0
        }
        var bytes: [UInt8] = []
        var bounds = [0]
        var shorter: [Int] = []
        for (index, secret) in sorted.enumerated() {
            var other = index - 1
            // Of secrets in order, those that one begins with are among those that its neighbour begins with, and the neighbour.
            if other >= 0 {
                let common = sorted[other].withUnsafeBytes { left in
                    secret.withUnsafeBytes { Self.commonCount(left, $0, from: 0) }
                }
                while other >= 0, sorted[other].count > common { other = shorter[other] }
            }
            shorter.append(other)
            bytes += secret
            bounds.append(bytes.count)
        }
        (self.bytes, self.bounds, self.shorter) = (bytes, bounds, shorter)
    }

    /// The same, with more.
    func adding(_ more: SecretGroup) -> SecretGroup { SecretGroup(secrets + more.secrets) }

    private var secrets: [[UInt8]] { zip(bounds, bounds.dropFirst()).map { Array(bytes[$0..<$1]) } }

    func find(in text: UnsafeRawBufferPointer) -> Finding {
        bytes.withUnsafeBytes { bytes in
            func secret(_ index: Int) -> UnsafeRawBufferPointer {
                UnsafeRawBufferPointer(rebasing: bytes[bounds[index]..<bounds[index + 1]])
            }
            // Those before `low` come before the text or are its beginning; those from `high` on come after it. What the text has in
            // common with the two at the edge, it has with all between them.
            var (low, high) = (0, shorter.count)
            var (lowCommon, highCommon) = (0, 0)
            while low < high {
                let middle = (low + high) / 2
                let candidate = secret(middle)
                let common = Self.commonCount(candidate, text, from: min(lowCommon, highCommon))
                if common == candidate.count || (common < text.count && candidate[common] < text[common]) {
                    (low, lowCommon) = (middle + 1, common)
                } else {
                    (high, highCommon) = (middle, common)
                }
            }
            var match = low - 1
            while match >= 0, bounds[match + 1] - bounds[match] > lowCommon { match = shorter[match] }
            return Finding(
                length: match < 0 ? nil : bounds[match + 1] - bounds[match],
                mayGoOn: high < shorter.count && highCommon == text.count
            )
        }
    }

    /// How many bytes the two begin with in common, of which `known` are known.
    private static func commonCount(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer, from known: Int) -> Int {
        guard let leftStart = left.baseAddress, let rightStart = right.baseAddress else { return 0 }
        let count = min(left.count, right.count)
        var position = known
        // In steps that the C library takes at once.
        for step in [256, 16] {
            while position + step <= count, memcmp(leftStart + position, rightStart + position, step) == 0 { position += step }
        }
        while position < count, left[position] == right[position] { position += 1 }
        return position
    }
}
