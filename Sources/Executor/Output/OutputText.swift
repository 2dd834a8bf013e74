import Basics

/// Puts the beginning and the end of an output together.
enum OutputText {
    /// - Parameters:
    ///   - count: the bytes of all that the file printed.
    ///   - limit: the most bytes of the text.
    static func joined(head: [OutputRecord], tail: [OutputRecord], count: Int, limit: Int) -> String {
        let start = text(of: head)
        let end = Array(text(of: tail).utf8)
        if start.utf8.count + end.count == count, count <= limit { return start + String(decoding: end, as: UTF8.self) }
        // Room for the line between them.
        let kept = end.suffix(max(0, limit - start.utf8.count - 64))
        let whole = kept.dropFirst(kept.prefix(3).prefix { $0 & 0xC0 == 0x80 }.count)
        let left = count - start.utf8.count - whole.count
        return start + "\n[... \(left) bytes left out ...]\n" + String(decoding: whole, as: UTF8.self)
    }

    /// Without our own notes, which are told apart.
    private static func text(of records: [OutputRecord]) -> String {
        records.lazy.filter { $0.chunk.source != .service }.map(\.chunk.text).joined()
    }
}
