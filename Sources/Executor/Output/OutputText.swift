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
        return start + note(left) + String(decoding: whole, as: UTF8.self)
    }

    /// The same piece by piece.
    ///
    /// - Parameter count: nil: not known.
    static func joined(head: [OutputRecord], end: [OutputRecord], count: Int?, file: String) -> [OutputRecord] {
        let left = (count ?? 0) - text(of: head).utf8.count - text(of: end).utf8.count
        guard left > 0 else { return head + end }
        // Of the pieces left out, the last; who goes on from there misses nothing.
        let number = max(head.last?.number ?? 0, (end.first?.number ?? 0) - 1)
        return head + [OutputRecord(number: number, file: file, chunk: OutputChunk(source: .service, text: note(left)))] + end
    }

    private static func note(_ count: Int) -> String { "\n[... \(count) bytes left out ...]\n" }

    /// Without our own notes, which are told apart.
    private static func text(of records: [OutputRecord]) -> String {
        records.lazy.filter { $0.chunk.source != .service }.map(\.chunk.text).joined()
    }
}
