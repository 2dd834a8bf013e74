/// Keeps a stream as a whole as long as it can still be one JSON object; forgets it at the first sign that it is not.
struct ResultCollector: Sendable {
    private let limit: Int
    private var bytes: [UInt8] = []
    private var isHopeless = false

    init(limit: Int) { self.limit = limit }

    /// All that was appended, if it begins like an object and is within the limit.
    var whole: [UInt8]? { isHopeless || bytes.isEmpty ? nil : bytes }

    mutating func append(_ piece: [UInt8]) {
        guard !isHopeless else { return }
        let isFirst = bytes.isEmpty
        let piece = isFirst ? piece.drop { $0.isJSONWhitespace } : piece[...]
        isHopeless = bytes.count + piece.count > limit || isFirst && piece.first.map { $0 != UInt8(ascii: "{") } ?? false
        if isHopeless { bytes = [] } else { bytes += piece }
    }
}

extension UInt8 {
    fileprivate var isJSONWhitespace: Bool { self == 0x20 || self == 0x09 || self == 0x0A || self == 0x0D }
}
