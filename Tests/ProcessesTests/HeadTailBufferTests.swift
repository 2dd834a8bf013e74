import TestSupport
import Testing

@testable import Processes

struct HeadTailBufferTests {
    @Test("What fits is kept whole", arguments: [0, 1, 95, 96, 97, 255, 256])
    func whole(size: Int) {
        var buffer = HeadTailBuffer(limit: 256)
        let bytes = (0..<size).map { UInt8(ascii: "a") + UInt8($0 % 26) }
        buffer.append(bytes)
        #expect(!buffer.isCut)
        #expect(buffer.wholeBytes == bytes)
        #expect(buffer.text == String(decoding: bytes, as: UTF8.self))
    }

    @Test("What is too much is cut in the middle, whatever the size of the pieces", arguments: [1, 7, 256, 1_000, 100_000])
    func cut(piece: Int) throws {
        var buffer = HeadTailBuffer(limit: 256)
        let bytes = (0..<100_000).map { UInt8(ascii: "0") + UInt8($0 % 10) }
        for start in stride(from: 0, to: bytes.count, by: piece) { buffer.append(bytes[start..<min(start + piece, bytes.count)]) }
        #expect(buffer.isCut)
        #expect(buffer.wholeBytes == nil)
        #expect(buffer.count == 100_000)
        let lines = buffer.text.split(separator: "\n")
        try #require(lines.count == 3)
        #expect(lines[0] == String(decoding: bytes.prefix(96), as: UTF8.self)[...])
        #expect(lines[1] == "[... 99808 bytes left out ...]")
        #expect(lines[2] == String(decoding: bytes.suffix(96), as: UTF8.self)[...])
        #expect(buffer.text.utf8.count <= 256)
    }

    @Test("A cut never splits a character", arguments: 0..<8)
    func characters(offset: Int) {
        var buffer = HeadTailBuffer(limit: 256)
        buffer.append(String(repeating: "x", count: offset).utf8)
        for _ in 0..<1_000 { buffer.append("€é😀".utf8) }
        #expect(!buffer.text.contains("\u{FFFD}"))
        #expect(buffer.text.utf8.count <= 256)
    }

    @Test("Bytes that are no UTF-8 become U+FFFD; NUL stays")
    func invalid() {
        var buffer = HeadTailBuffer(limit: 256)
        buffer.append([0x61, 0xFF, 0x00, 0xC3])
        #expect(buffer.text == "a\u{FFFD}\u{0}\u{FFFD}")
    }

    @Test("Continuation bytes alone are not taken for the end of a character")
    func garbage() {
        var buffer = HeadTailBuffer(limit: 256)
        buffer.append([UInt8](repeating: 0x80, count: 10_000))
        #expect(buffer.text.hasSuffix(String(repeating: "\u{FFFD}", count: 90)))
    }

    @Test("Random pieces: the text is the beginning and the end, and the numbers add up")
    func random() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = Fuzzer(seed: seed)
        for _ in 0..<500 {
            let limit = Int.random(in: 0...600, using: &generator)
            var buffer = HeadTailBuffer(limit: limit)
            var all: [UInt8] = []
            for _ in 0..<Int.random(in: 0...20, using: &generator) {
                let piece = (0..<Int.random(in: 0...400, using: &generator)).map { _ in
                    UInt8.random(in: 0x61...0x7A, using: &generator)
                }
                buffer.append(piece)
                all += piece
            }
            let text = buffer.text
            guard let line = text.firstRange(of: "\n[... ") else {
                #expect(text == String(decoding: all, as: UTF8.self), "seed \(seed)")
                continue
            }
            let head = text[..<line.lowerBound]
            let tail = text[text.index(after: try #require(text.lastIndex(of: "\n")))...]
            #expect(String(decoding: all, as: UTF8.self).hasPrefix(head), "seed \(seed)")
            #expect(String(decoding: all, as: UTF8.self).hasSuffix(tail), "seed \(seed)")
            #expect(text.contains("[... \(all.count - head.utf8.count - tail.utf8.count) bytes left out ...]"), "seed \(seed)")
            #expect(text.utf8.count <= max(limit, 256), "seed \(seed)")
        }
    }
}
