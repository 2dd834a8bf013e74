import Basics
import TestSupport
import Testing

struct RedactedTextTests {
    private static let secrets = ["hunter22", "hunter22-long", "€uro", "aaaa", "abc"]

    @Test(
        "Secrets are masked in whole texts",
        arguments: [
            ("", ""), ("nothing here", "nothing here"), ("my hunter22!", "my ***!"), ("hunter22-long", "***"),
            ("hunter22-lon", "***-lon"), ("€uro and 1 €", "*** and 1 €"), ("aaaaaaaaa", "******a"),
            ("abc is too short", "abc is too short"),
            ("hunter2hunter22", "hunter2***"),
        ]
    )
    func whole(text: String, expected: String) {
        #expect(Redactor(secrets: Self.secrets).redact(text) == expected)
    }

    @Test("However a text is cut into pieces, no secret and no broken character comes out", arguments: 1...12)
    func pieces(size: Int) {
        let text = "begin €uro hunter22-long hunter22 aaaa 😀 hunter2 €ur hunter22-lo"
        var stream = RedactedText(Redactor(secrets: Self.secrets))
        var result = ""
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            let piece = stream.append(Array(bytes[start..<min(start + size, bytes.count)]))
            #expect(!piece.contains("\u{FFFD}"))
            result += piece
        }
        #expect(result + stream.finish() == "begin *** *** *** *** 😀 hunter2 €ur ***-lo")
    }

    @Test("What cannot be a secret any more is not held back")
    func prompt() {
        var stream = RedactedText(Redactor(secrets: Self.secrets))
        #expect(stream.append(Array("progress 10%".utf8)) == "progress 10%")
        #expect(stream.append(Array(" hunter".utf8)) == " ")
        #expect(stream.append(Array("!".utf8)) == "hunter!")
    }

    @Test("Bytes that are no UTF-8 become U+FFFD, also at the end")
    func invalid() {
        var stream = RedactedText(Redactor(secrets: []))
        #expect(stream.append([0x61, 0xFF, 0xE2, 0x82]) == "a\u{FFFD}")
        #expect(stream.finish() == "\u{FFFD}")
    }

    @Test("Random pieces give what the whole gives")
    func random() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var fuzzer = Fuzzer(seed: seed)
        let redactor = Redactor(secrets: ["abab", "ababa", "babb"])
        for _ in 0..<2_000 {
            let bytes = (0..<Int.random(in: 0...40, using: &fuzzer)).map { _ in UInt8.random(in: 0x61...0x62, using: &fuzzer) }
            var stream = RedactedText(redactor)
            var result = ""
            var rest = bytes[...]
            while !rest.isEmpty {
                let size = Int.random(in: 1...rest.count, using: &fuzzer)
                result += stream.append(Array(rest.prefix(size)))
                rest = rest.dropFirst(size)
            }
            #expect(result + stream.finish() == redactor.redact(String(decoding: bytes, as: UTF8.self)), "seed \(seed)")
        }
    }

    @Test("Of all secrets that are there, the longest goes: as a simple search says")
    func simpleSearch() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var fuzzer = Fuzzer(seed: seed)
        func word(_ lengths: ClosedRange<Int>) -> String {
            String((0..<Int.random(in: lengths, using: &fuzzer)).map { _ in "aab".randomElement(using: &fuzzer) ?? "a" })
        }
        for _ in 0..<500 {
            let secrets = (0..<Int.random(in: 1...12, using: &fuzzer)).map { _ in word(4...9) }
            let text = word(0...80)
            var expected = ""
            var rest = text[...]
            while let first = rest.first {
                let secret = secrets.filter { rest.hasPrefix($0) }.max { $0.count < $1.count }
                expected += secret == nil ? String(first) : "***"
                rest = rest.dropFirst(secret?.count ?? 1)
            }
            let half = secrets.count / 2
            let redactor = Redactor(secrets: secrets[..<half]).adding(Redactor(secrets: secrets[half...]))
            #expect(redactor.redact(text) == expected, "seed \(seed)")
        }
    }

    @Test("Text that begins like many long secrets at each place takes little longer than other text")
    func nearlySecrets() {
        let redactor = Redactor(secrets: (0..<100).map { String(repeating: "a", count: 1_000 - $0) + "b" })
        func time(_ text: String) -> Duration {
            (0..<3).map { _ in ContinuousClock().measure { #expect(redactor.redact(text) == text) } }.min() ?? .zero
        }
        let plain = time(String(repeating: "x", count: 65_536))
        let alike = time(String(repeating: "a", count: 65_536))
        print("64 KiB of text take \(plain), and \(alike) where each place may be one of 100 secrets")
        #expect(alike < plain * 2_000)
    }
}
