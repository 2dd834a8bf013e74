/// Turns a stream of bytes, as a program writes it, into pieces of text without secrets.
///
/// A secret or a character that comes in two pieces is held back until the rest of it is there.
public struct RedactedText: Sendable {
    private let redactor: @Sendable () -> Redactor
    private var held: [UInt8] = []
    private var incomplete: [UInt8] = []

    public init(_ redactor: Redactor) { self.redactor = { redactor } }

    /// Masks what is known as a secret when a piece comes.
    public init(_ secrets: SecretRegistry) { redactor = { secrets.redactor } }

    /// - Parameter redactor: asked for each piece.
    public init(_ redactor: @escaping @Sendable () -> Redactor) { self.redactor = redactor }

    /// - Returns: the text that can be shown now; it may be empty.
    public mutating func append(_ bytes: [UInt8]) -> String { take(held + bytes, isEnd: false) }

    /// The last of the text. What is no UTF-8, here and before, is U+FFFD.
    public mutating func finish() -> String { take(held, isEnd: true) }

    private mutating func take(_ bytes: [UInt8], isEnd: Bool) -> String {
        let (masked, rest) = redactor().redact(bytes, isEnd: isEnd)
        held = Array(rest)
        let ready = incomplete + masked
        let count = isEnd ? 0 : ready.incompleteUTF8Count
        incomplete = Array(ready.suffix(count))
        return String(decoding: ready.dropLast(count), as: UTF8.self)
    }
}

extension [UInt8] {
    /// The number of bytes at the end that begin a character (UTF-8) but do not complete it: 0 to 3.
    public var incompleteUTF8Count: Int {
        let continuation = suffix(3).reversed().prefix { $0 & 0xC0 == 0x80 }.count
        guard continuation < count else { return 0 }
        let length =
            switch self[count - 1 - continuation] {
            case 0xC2...0xDF: 2
            case 0xE0...0xEF: 3
            case 0xF0...0xF4: 4
            default: 1
            }
        return length > continuation + 1 ? continuation + 1 : 0
    }
}
