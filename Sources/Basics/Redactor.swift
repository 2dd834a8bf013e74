/// Replaces secrets by `***` in all that leaves the service.
///
/// Values of fewer than four characters are left alone: masking them would make every text unreadable and protect nothing.
public struct Redactor: Sendable {
    /// By the first byte, and there the longest first: a secret that begins with another one must go as a whole. Most bytes
    /// begin none, which makes the search one look per byte.
    private let secrets: [[[UInt8]]]
    private let isEmpty: Bool

    public init(secrets: some Sequence<String>) {
        let secrets = Set(secrets.filter(Self.isMasked).map { Array($0.utf8) })
        isEmpty = secrets.isEmpty
        self.secrets = secrets.sorted { $1.count < $0.count }
            .reduce(into: Array(repeating: [], count: 256)) { $0[Int($1[0])].append($1) }
    }

    /// Whether the value is long enough to be masked.
    static func isMasked(_ secret: String) -> Bool { secret.count >= 4 }

    public func redact(_ text: String) -> String {
        guard !isEmpty else { return text }
        return String(decoding: redact(Array(text.utf8), isEnd: true).masked, as: UTF8.self)
    }

    /// Masks as much of `bytes` as can be decided on. Before the end, a secret may be only half there: the rest begins with it.
    func redact(_ bytes: [UInt8], isEnd: Bool) -> (masked: [UInt8], rest: ArraySlice<UInt8>) {
        var masked: [UInt8] = []
        masked.reserveCapacity(bytes.count)
        var position = 0
        search: while position < bytes.count {
            let candidates = secrets[Int(bytes[position])]
            if !candidates.isEmpty {
                let ahead = bytes[position...]
                for secret in candidates {
                    if ahead.starts(with: secret) {
                        masked += "***".utf8
                        position += secret.count
                        continue search
                    }
                    if !isEnd, ahead.count < secret.count, secret.starts(with: ahead) { return (masked, ahead) }
                }
            }
            masked.append(bytes[position])
            position += 1
        }
        return (masked, [])
    }
}
