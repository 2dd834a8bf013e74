import Basics
import Glibc

/// The beginning and the end of a long output on disk: a file for the beginning, and two that take turns for the end. Whatever comes,
/// they hold text of at most one and a half times the limit and a piece; what is noted of each piece is at most as much again. Used by one thread at a time, hence `@unchecked`.
final class SpillFiles: @unchecked Sendable {
    private let directory: String
    private let headLimit: Int
    private let tailLimit: Int
    private var headCount = 0
    private var tailCount = 0
    private var turn = 0

    /// - Parameter limit: bytes of text that are kept; fewer where nearly all pieces are tiny, see ``OutputRecord/cost``.
    init(directory: String, limit: Int) {
        self.directory = directory
        headLimit = limit / 2
        tailLimit = limit - headLimit
    }

    private var head: String { "\(directory)/begin" }
    private func tail(_ turn: Int) -> String { "\(directory)/end-\(turn % 2)" }

    /// Blocks.
    func append(_ records: [OutputRecord]) throws(FileError) {
        var (forHead, forTail): ([UInt8], [UInt8]) = ([], [])
        for record in records {
            let room = headLimit - headCount
            let (first, second) = record.split(at: room)
            if let first {
                first.appendFrame(to: &forHead)
                headCount += first.cost
                // A character that does not fit ends the beginning.
                if second != nil { headCount = headLimit }
            }
            guard let second else { continue }
            if first == nil { headCount = headLimit }
            second.appendFrame(to: &forTail)
            tailCount += second.cost
            guard tailCount >= tailLimit else { continue }
            try Self.append(forTail, to: tail(turn))
            forTail = []
            turn += 1
            tailCount = 0
            // What was the end before the last one goes.
            unlink(tail(turn))
        }
        try Self.append(forHead, to: head)
        try Self.append(forTail, to: tail(turn))
    }

    /// What is kept: the beginning, and all that is there of the end. Blocks.
    func read(file: String) -> (head: [OutputRecord], tail: [OutputRecord]) {
        func records(_ path: String) -> [OutputRecord] { OutputRecord.parse((try? Files.read(path)) ?? [], file: file) }
        return (records(head), (turn > 0 ? records(tail(turn - 1)) : []) + records(tail(turn)))
    }

    private static func append(_ bytes: [UInt8], to path: String) throws(FileError) {
        guard !bytes.isEmpty else { return }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError("write", path, errno: errno) }
        defer { close(descriptor) }
        try Files.write(bytes, to: descriptor)
    }
}

extension OutputRecord {
    /// The first part with at most `count` bytes of text, and the rest; cut between characters. nil where a part would be empty.
    fileprivate func split(at count: Int) -> (OutputRecord?, OutputRecord?) {
        let text = chunk.text
        guard text.utf8.count > count else { return (self, nil) }
        guard count > 0 else { return (nil, self) }
        var index = text.utf8.index(text.startIndex, offsetBy: count)
        while index > text.startIndex, text.utf8[index] & 0xC0 == 0x80 { index = text.utf8.index(before: index) }
        guard index > text.startIndex else { return (nil, self) }
        var (first, second) = (self, self)
        first.chunk.text = String(text[..<index])
        second.chunk.text = String(text[index...])
        return (first, second)
    }
}
