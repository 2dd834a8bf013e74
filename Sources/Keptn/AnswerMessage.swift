import Model

/// The text of an answer: what the files printed, after a line that says so if they were not the newest.
enum AnswerMessage {
    /// - Parameter limit: in bytes; the message is cut in its middle to keep to it.
    static func text(_ message: String, staleness: Snapshot.Staleness?, limit: Int) -> String {
        guard let staleness else { return cut(message, to: limit) }
        let line =
            "stale: the files are those of \(staleness.age.components.seconds) s ago, because the refresh failed"
            + " (\(staleness.failureClass)): \(staleness.reason)"
        guard !message.isEmpty else { return cut(line, to: limit) }
        return cut(line + "\n" + message, to: limit)
    }

    /// The head and the tail of a text, with a line between that says how much is missing; never within the bytes of one character.
    static func cut(_ text: String, to limit: Int) -> String {
        let size = text.utf8.count
        guard size > limit else { return text }
        // The line gets no longer than this.
        let marker = { (missing: Int) in "\n[... \(missing) bytes left out ...]\n" }
        let room = limit - marker(size).utf8.count
        guard room > 0 else { return String(decoding: text.utf8.prefix(boundary(text, limit)), as: UTF8.self) }
        let head = boundary(text, room / 2)
        let tail = boundary(text, size - (room - room / 2), roundingUp: true)
        return String(decoding: text.utf8.prefix(head), as: UTF8.self) + marker(tail - head)
            + String(decoding: text.utf8.dropFirst(tail), as: UTF8.self)
    }

    /// The byte nearest to `offset` on one side of it at which no character is cut.
    private static func boundary(_ text: String, _ offset: Int, roundingUp: Bool = false) -> Int {
        let bytes = text.utf8
        guard offset > 0 else { return 0 }
        var index = bytes.index(bytes.startIndex, offsetBy: offset)
        var offset = offset
        while index < bytes.endIndex, bytes[index] & 0xC0 == 0x80 {
            index = roundingUp ? bytes.index(after: index) : bytes.index(before: index)
            offset += roundingUp ? 1 : -1
        }
        return offset
    }
}
