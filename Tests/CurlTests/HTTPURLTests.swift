import TestSupport
import Testing

@testable import Curl

@Suite struct HTTPURLTests {
    @Test(
        "A URL, as it is sent and as it is shown",
        arguments: [
            ("http://h", "http://h/", "http://h/"),
            ("HTTPS://Host:443/a/b?c=d#e", "https://Host:443/a/b?c=d", "https://Host/a/b"),
            ("http://h:8080/a%20b c", "http://h:8080/a%20b%20c", "http://h:8080/a%20b%20c"),
            ("http://u:p@h/?k=secret", "http://h/?k=secret", "http://h/"),
            ("http://[::1]:81/x", "http://[::1]:81/x", "http://[::1]:81/x"),
            ("http://h/a/../b/./c", "http://h/b/c", "http://h/b/c"),
        ]
    )
    func accepted(text: String, sent: String, shown: String) throws {
        let url = try HTTPURL(text)
        #expect(url.text == sent)
        #expect(url.description == shown)
    }

    @Test(
        "No URL of ours",
        arguments: [
            "", "h", "/path", "http://", "http://a b/", "ftp://h/", "mailto:a@b", "http://h:0x1/", "http://h\n/", "http:///x",
            "http:/x", "http:x", "?t=12:30", "x?t=a:b", "#a:b",
        ]
    )
    func refused(text: String) { #expect(throws: HTTPClientError.self) { try HTTPURL(text) } }

    @Test(
        "A place relative to another, also with a colon behind its path",
        arguments: [
            ("/x", "http://h:1/x"), ("x/y", "http://h:1/a/x/y"), ("?t=12:30", "http://h:1/a/b?t=12:30"),
            ("login?state=a:b", "http://h:1/a/login?state=a:b"), ("/x?u=http://i/", "http://h:1/x?u=http://i/"),
            ("//i/x", "http://i/x"), ("https://i/?t=1:2", "https://i/?t=1:2"),
        ]
    )
    func resolved(location: String, expected: String) throws {
        #expect(try HTTPURL("http://h:1/a/b?c").resolving(location).text == expected)
    }

    @Test("No place that has a host of its own", arguments: ["http:///x", "http:x", "///x", "http:/x", "ftp://h/?a"])
    func unresolved(location: String) throws {
        let url = try HTTPURL("http://h:1/a/b?c")
        #expect(throws: HTTPClientError.self) { try url.resolving(location) }
    }

    /// Neither a crash nor a hang, and what is accepted is accepted again as it is sent.
    @Test("Mutated URLs", arguments: [UInt64(1), 2, 3])
    func fuzz(seed: UInt64) throws {
        var fuzzer = Fuzzer(seed: seed)
        let valid = ["http://user:pw@host:8080/a/b%20c?d=e&f#g", "https://[2001:db8::1]/x", "http://h/../%2e%2e/é"]
        for _ in 0..<3000 {
            let url = valid.randomElement(using: &fuzzer) ?? ""
            let bytes = fuzzer.mutate(Array(url.utf8), tokens: ["..", "%2e", "//", "@", "\\", "\r\n", "\0", "[", "é"])
            let text = String(decoding: bytes, as: UTF8.self)
            guard let url = try? HTTPURL(text) else { continue }
            #expect(url.text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }, "seed \(seed): \(text)")
            #expect(throws: Never.self, "seed \(seed): \(text)") { try HTTPURL(url.text) }
        }
    }
}
