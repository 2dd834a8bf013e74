import Basics
import TestSupport
import Testing

struct SecretFormsTests {
    private func masked(_ text: String, _ secret: String) -> String { SecretRegistry([secret]).redact(text) }

    @Test(
        "A secret is masked however it is spelled",
        arguments: [
            ("pass word/+", "pass%20word%2F%2B"), ("pass word/+", "pass%20word%2f%2b"), ("pass word/+", "pass+word%2F%2B"),
            ("say \"hi\\\n", #"say \"hi\\\n"#), ("tabs\there", #"tabs\there"#),
            ("it's me", #"it'\''s me"#), ("a<b>&c", #"a\u003cb\u003e\u0026c"#), ("über-alles", #"\u00fcber-alles"#),
            ("smile😀now", #"smile\ud83d\ude00now"#), ("a/b/cd", #"a\/b\/cd"#), ("ü/pass", #"\u00fc\/pass"#),
            ("bell\u{7}\u{8}", #"bell\u0007\b"#),
        ]
    )
    func spellings(secret: String, spelled: String) {
        #expect(masked("<\(spelled)>", secret) == "<***>")
    }

    @Test("Inside of Base64 a secret is masked wherever it begins, in both alphabets", arguments: 0..<6)
    func base64(offset: Int) {
        var fuzzer = Fuzzer(seed: UInt64(offset) + 17)
        for length in 6...40 {
            let secret = String((0..<length).map { _ in "abcXYZ019?>~-_".randomElement(using: &fuzzer)! })
            let before = String(repeating: "u", count: offset)
            for after in ["", ":", "::", ":::"] {
                let text = Base64.encode(Array("\(before)\(secret)\(after)".utf8))
                for text in [text, text.replacing("+", with: "-").replacing("/", with: "_")] {
                    let result = masked(text, secret)
                    #expect(result.contains("***"))
                    // At most what also stands for neighbours is left.
                    let left = result.replacing("***", with: "").count - (offset + after.count) * 4 / 3
                    #expect(left <= 5)
                }
            }
        }
    }

    @Test("A long secret is masked in Base64 that is broken into lines, wherever it begins", arguments: [57, 58, 100, 171, 400])
    func base64Lines(length: Int) {
        var fuzzer = Fuzzer(seed: UInt64(length))
        let secret = String((0..<length).map { _ in "abcXYZ019?>~-_".randomElement(using: &fuzzer) ?? "a" })
        for offset in 0..<120 {
            let whole = Base64.encode(Array("\(String(repeating: "u", count: offset))\(secret):::".utf8))
            let characters = Array(whole)
            let text = stride(from: 0, to: characters.count, by: 76)
                .map { String(characters[$0..<min($0 + 76, characters.count)]) }.joined(separator: "\n")
            let left = masked(text, secret).replacing("***", with: "").count { $0 != "\n" } - (offset + 3) * 4 / 3
            #expect(left <= 5, "\(offset)")
        }
    }

    @Test("Of a secret of several lines each line is one, but for short ones and the frame")
    func lines() {
        let key = "-----BEGIN KEY-----\nMIIBVgIBADANBgkq\n\nAgEAAkEA\nshort\n-----END KEY-----\n"
        #expect(masked("x MIIBVgIBADANBgkq y", key) == "x *** y")
        #expect(masked("AgEAAkEA", key) == "***")
        #expect(masked("short -----BEGIN KEY-----", key) == "short -----BEGIN KEY-----")
    }

    @Test("Thousands of secrets do not make a text slower than a few do")
    func many() {
        let text = String(repeating: "The quick brown fox jumps over the lazy dog. ", count: 5_000)
        func time(_ count: Int) -> Duration {
            let redactor = SecretRegistry((0..<count).map { "secret-\($0 &* 7_919)-token" }).redactor
            return (0..<5).map { _ in ContinuousClock().measure { #expect(redactor.redact(text) == text) } }.min()!
        }
        let few = time(10)
        #expect(time(2_000) < few * 20)
    }
}
