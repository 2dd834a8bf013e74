import CloudEvents
import Curl
import Glibc
import TestSupport
import Testing

@testable import Executor

/// Files that are glued from pieces of the grammar and then broken. `FUZZ_INPUTS` says how many; `make fuzz` asks for a million.
@Suite(.timeLimit(.minutes(60))) struct HTTPFileFuzzTests {
    private static let inputs = getenv("FUZZ_INPUTS").flatMap { Int(String(cString: $0)) } ?? 6_000

    private static let heads = [
        "", "### a title\n", "### login\n", "# @name login\n", "// @name other\n", "# @timeout 5 s\n", "# @no-redirect\n",
        "# @ref login\n",
        "# @sleep 1\n", "# @disabled\n", "# @no-log\n", "# @compat generic-executor\n", "@host = https://h\n",
        "@a = {{b}}{{b}}\n",
        "@b = ${data.y}\n", "@a = {{a}}\n", "< {%\n x %}\n", "\u{FEFF}", "\n\n",
    ]
    private static let lines = [
        "GET https://h/", "POST $URL/x?a=${data.y}&b=1", "{{host}}/p HTTP/1.1", "PUT https://$C:80/", "/path",
        "GRAPHQL https://h", "https://h/ü x",
        "POST https://h/{{$uuid}}", "DELETE https://h/#{{a}}", "GET {{URL}}", "get https://h",
    ]
    private static let headers = [
        "A: b", "Host: h:443", "X: $C", "X: ${data.y}", "Content-Type: application/json",
        "Content-Type: multipart/form-data; boundary=xyz",
        "Content-Type: application/x-www-form-urlencoded", " folded", "# comment", "   ?q=1", "   &r={{a}}", "no header",
        "Cookie: a={{a}}",
    ]
    private static let bodies = [
        "{\"x\": \"${data.y}\", \"n\": $C}", "a=$C\n&b=${data.y}",
        "--xyz\nContent-Disposition: form-data; name=\"$C\"\n\n${data.y}\n--xyz--",
        "< ./file.json", "<@ ./file.json", "<@latin1 ./x", "<@bad ./x", "plain {{a}} $NAME", "?? status == 200",
        "?? body $.a.b == {{a}}",
        "?? header x includes y", "?? nonsense", "> {%\n client %}", "> file.js", "<> x", ">> out",
        "{{login.response.body.$.token}}",
        "{{$timestamp -1 d}}", "{{$datetime \"YYYY\"}}", "\\{{a}}", "@late = 1",
    ]
    private static let tokens = [
        "{{", "}}", "${", "}", "###", "\r\n", "\n\n", "> {%", "%}", ": ", "\0", "\\{{", "$", "?? ", "@", "= ", "< ", "\"", "'",
        "[", "]", "\t", "€",
    ]

    /// What a hostile event may hold.
    private static let values = PlaceholderValues(
        variables: ["a": "1", "C": "\"\r\nX: y\r\n\r\n${data.y}{{a}}$C--xyz", "URL": "http://h/", "NAME": "n"],
        event: ["data": ["y": "\u{0}\"\\\n--xyz\n{{URL}}$C"]],
        environment: ["x": "y"]
    )

    private func input(_ fuzzer: inout Fuzzer) -> [UInt8] {
        var text = ""
        for _ in 0..<Int.random(in: 1...3, using: &fuzzer) {
            for _ in 0..<Int.random(in: 0...2, using: &fuzzer) { text += Self.heads.randomElement(using: &fuzzer)! }
            text += Self.lines.randomElement(using: &fuzzer)! + "\n"
            for _ in 0..<Int.random(in: 0...3, using: &fuzzer) { text += Self.headers.randomElement(using: &fuzzer)! + "\n" }
            text += Bool.random(using: &fuzzer) ? "\n" : ""
            for _ in 0..<Int.random(in: 0...2, using: &fuzzer) { text += Self.bodies.randomElement(using: &fuzzer)! + "\n" }
            if Bool.random(using: &fuzzer) { text += "###\n" }
        }
        let bytes = Array(text.utf8)
        return Bool.random(using: &fuzzer) ? bytes : fuzzer.mutate(bytes, tokens: Self.tokens)
    }

    @Test("No file crashes or hangs, and no value gets out of its place")
    func files() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var fuzzer = Fuzzer(seed: seed)
        var sent = 0
        for round in 0..<Self.inputs {
            let bytes = input(&fuzzer)
            guard let file = try? HTTPFile(parsing: bytes) else { continue }
            _ = try? file.sendOrder()
            var scanner = PlaceholderScanner(Self.values, variables: file.variables)
            for template in file.requests {
                let filled = try? template.filled(&scanner) { path throws(HTTPFileError) in Array("{\"file\": \"$C\"}".utf8) }
                guard let request = filled else { continue }
                sent += 1
                let isClean = ([request.method, request.url] + request.headers.fields.flatMap { [$0.name, $0.value] })
                    .allSatisfy { !$0.utf8.contains(13) && !$0.utf8.contains(10) && !$0.utf8.contains(0) }
                // As many headers as the file has: none more by a value.
                let isCounted = request.headers.fields.count == template.headers.count
                if !isClean || !isCounted {
                    Issue.record("seed \(seed), round \(round): \(String(decoding: bytes, as: UTF8.self))")
                }
            }
        }
        // Most files are good enough to be sent.
        #expect(sent > Self.inputs / 4)
    }

    @Test(
        "Long files take no more than their share",
        arguments: ["# c\n", "A: b\n", "{{a}}", "${data.y}", "$C", "\n", "### x\nGET https://h/\n", "@v = 1\n", "[", "{{", "${"]
    )
    func length(piece: String) {
        func time(_ count: Int) -> Duration {
            let head =
                piece.hasPrefix("@") || piece.hasPrefix("###")
                ? "GET https://h/\n\n###\n" : piece.hasPrefix("A") ? "GET https://h/\n" : "GET https://h/\n\n"
            let bytes = Array((head + String(repeating: piece, count: count)).utf8)
            return (0..<3).map { _ in
                ContinuousClock().measure {
                    guard let file = try? HTTPFile(parsing: bytes) else { return }
                    var scanner = PlaceholderScanner(Self.values, variables: file.variables)
                    for template in file.requests { _ = try? template.filled(&scanner) { _ throws(HTTPFileError) in [] } }
                }
            }.min()!
        }
        // Eight times as long takes eight times as long; with its square it would be 64.
        #expect(time(8_000) < time(1_000) * 30)
    }
}
