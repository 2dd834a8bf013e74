/// Replaces secrets by `***` in all that leaves the service.
///
/// Values of fewer than four characters are left alone: masking them would make every text unreadable and protect nothing.
public struct Redactor: Sendable {
    /// By their first two bytes. A secret that begins with another one must go as a whole.
    private let secrets: [UInt16: SecretGroup]
    /// A bit for each pair of bytes that begins a secret. With thousands of them most bytes begin none: one look says so.
    private let beginnings: [UInt64]

    /// - Parameter secrets: masked as they are written here; see ``SecretForms`` for other spellings.
    public init(secrets: some Sequence<String>) {
        let secrets = Set(secrets.filter(Self.isMasked).map { Array($0.utf8) })
        var beginnings = [UInt64](repeating: 0, count: secrets.isEmpty ? 0 : 1_024)
        self.secrets = Dictionary(grouping: secrets) { Self.pair($0[0], $0[1]) }.mapValues { SecretGroup($0) }
        for beginning in self.secrets.keys { beginnings[Int(beginning >> 6)] |= 1 << UInt64(beginning & 63) }
        self.beginnings = beginnings
    }

    private init(secrets: [UInt16: SecretGroup], beginnings: [UInt64]) {
        self.secrets = secrets
        self.beginnings = beginnings
    }

    /// Whether the value is long enough to be masked.
    static func isMasked(_ secret: String) -> Bool { secret.count >= 4 }

    private static func pair(_ first: UInt8, _ second: UInt8) -> UInt16 { UInt16(first) << 8 | UInt16(second) }

    /// The same, with more to be masked.
    public func adding(_ more: Redactor) -> Redactor {
        guard !more.secrets.isEmpty else { return self }
        let secrets = secrets.merging(more.secrets) { $0.adding($1) }
        let beginnings = beginnings.isEmpty ? more.beginnings : zip(beginnings, more.beginnings).map { $0 | $1 }
        return Redactor(secrets: secrets, beginnings: beginnings)
    }

    public func redact(_ text: String) -> String {
        guard !secrets.isEmpty else { return text }
        return String(decoding: redact(Array(text.utf8), isEnd: true).masked, as: UTF8.self)
    }

    /// Masks as much of `bytes` as can be decided on. Before the end, a secret may be only half there: the rest begins with it.
    func redact(_ bytes: [UInt8], isEnd: Bool) -> (masked: [UInt8], rest: ArraySlice<UInt8>) {
        guard !secrets.isEmpty else { return (bytes, []) }
        var masked: [UInt8] = []
        masked.reserveCapacity(bytes.count)
        let end = bytes.withUnsafeBytes { redact($0, isEnd: isEnd, into: &masked) }
        return (masked, bytes[end...])
    }

    /// - Returns: where the part begins that could not be decided on.
    private func redact(_ bytes: UnsafeRawBufferPointer, isEnd: Bool, into masked: inout [UInt8]) -> Int {
        var position = 0
        /// From where on nothing was copied yet.
        var open = 0
        while position + 1 < bytes.count {
            let beginning = Self.pair(bytes[position], bytes[position + 1])
            guard beginnings[Int(beginning >> 6)] >> UInt64(beginning & 63) & 1 == 1, let group = secrets[beginning] else {
                position += 1
                continue
            }
            let finding = group.find(in: UnsafeRawBufferPointer(rebasing: bytes[position...]))
            if !isEnd, finding.mayGoOn {
                masked += bytes[open..<position]
                return position
            }
            if let length = finding.length {
                masked += bytes[open..<position]
                masked += "***".utf8
                position += length
                open = position
            } else {
                position += 1
            }
        }
        // The last byte may be the first of a secret.
        let isHeld = !isEnd && position < bytes.count && position >= open && isBeginning(bytes[position])
        let end = isHeld ? position : bytes.count
        masked += bytes[open..<end]
        return end
    }

    /// Whether a secret begins with that byte.
    private func isBeginning(_ byte: UInt8) -> Bool { beginnings[Int(byte) * 4..<(Int(byte) + 1) * 4].contains { $0 != 0 } }
}
