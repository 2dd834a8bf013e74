/// Why a text is no JSON, and where.
public struct JSONError: Error, Hashable, CustomStringConvertible {
    /// What was expected or found; begins with a lower-case letter and has no full stop.
    public let problem: String
    /// The byte at which it was noticed, counted from 0.
    public let offset: Int
    /// Counted from 1.
    public let line: Int
    /// In bytes, counted from 1.
    public let column: Int

    init(_ problem: String, at offset: Int, in bytes: [UInt8]) {
        self.problem = problem
        self.offset = offset
        let before = bytes[..<min(offset, bytes.count)]
        line = before.count { $0 == UInt8(ascii: "\n") } + 1
        column = offset - (before.lastIndex(of: UInt8(ascii: "\n")) ?? -1)
    }

    public var description: String { "not valid JSON: \(problem) (line \(line), column \(column))" }
}
