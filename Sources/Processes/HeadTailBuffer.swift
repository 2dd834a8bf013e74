import Basics

/// Keeps the beginning and the end of a stream of bytes in constant memory, and counts what it leaves out between them.
public struct HeadTailBuffer: Sendable, Hashable {
    /// Room for the line that says how much is missing.
    private static let lineReserve = 64

    private let limit: Int
    private let headSize: Int
    private var head: [UInt8] = []
    /// All after the head, until it is too much; then at least the last `limit - headSize` bytes of it.
    private var rest: [UInt8] = []
    /// Bytes appended so far.
    public private(set) var count = 0

    /// - Parameter limit: the most bytes that ``text`` has, 256 or more; up to twice as many are held.
    public init(limit: Int) {
        self.limit = max(limit, 256)
        headSize = (self.limit - Self.lineReserve) / 2
    }

    public var isCut: Bool { count > limit }

    /// Everything; nil if something had to be left out.
    public var wholeBytes: [UInt8]? { isCut ? nil : head + rest }

    public mutating func append(_ bytes: some Collection<UInt8>) {
        count += bytes.count
        let toHead = min(headSize - head.count, bytes.count)
        head.append(contentsOf: bytes.prefix(toHead))
        let room = limit - headSize
        // Of a large piece only the end can matter; but what is cut away must not make an uncut stream look whole: `count` knows.
        rest.append(contentsOf: bytes.dropFirst(toHead).suffix(2 * room))
        if rest.count > 2 * room { rest.removeFirst(rest.count - room) }
    }

    /// What was kept as text, with a line in between that says how many bytes were left out. Cut only between characters (Unicode
    /// scalars); bytes that are no UTF-8 become U+FFFD.
    public var text: String {
        guard isCut else { return String(decoding: head + rest, as: UTF8.self) }
        let start = head.dropLast(head.incompleteUTF8Count)
        let tail = rest.suffix(limit - Self.lineReserve - headSize)
        let end = tail.dropFirst(tail.prefix(3).prefix(while: Self.isContinuation).count)
        let line = "\n[... \(count - start.count - end.count) bytes left out ...]\n"
        return String(decoding: start, as: UTF8.self) + line + String(decoding: end, as: UTF8.self)
    }

    private static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }
}
