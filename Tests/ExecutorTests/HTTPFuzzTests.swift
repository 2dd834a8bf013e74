import CloudEvents
import Curl
import Glibc
import TestSupport
import Testing

@testable import Executor

/// Files made of pieces of the grammar, mutated, parsed and filled with hostile values: FUZZ_INPUTS of them (`make fuzz`).
@Suite(.timeLimit(.minutes(180))) struct HTTPFuzzTests {
    private static let inputs = getenv("FUZZ_INPUTS").flatMap { Int(String(cString: $0)) } ?? 600

    private static let pieces = [
        "GET https://h/a", "POST $URL/x?y=", "{{a}}", "$C", "${data.y}", "${data}", "{{$guid}}", "{{", "}}", "${", "}", "\\{{",
        " HTTP/1.1", "\n  ?a=1", "\n&b=2", "###", "### title", "### two words", "# @name n", "// @timeout 5 s",
        "# @compat generic-executor",
        "# @ref n", "# @sleep 1", "@v = {{a}}", "?? status == 200", "?? body $.a includes x", "?? ", "Host: h:443", "A: b",
        " folded",
        "Content-Type: application/json", "Content-Type: application/x-www-form-urlencoded",
        "Content-Type: multipart/form-data; boundary=b", "--b", "--b--", "Content-Disposition: form-data; name=\"$C\"",
        "{\"a\": \"$C\", \"b\": $C}", "[1, $C]", "a=$C", "< ./f", "<@ ./f", "<@latin1 ./f", "> {% x %}", "> {%", "%}", "<> f",
        ">> f",
        "text $C text", "/p", "@v = https://${data.y}.h", "@v = $C", "POST {{v}}/x", "{{v}}", "Content-Type: {{t}}",
        "Content-Type: $C", "@t = application/json", "\u{FEFF}", "\0", "\"", "\\", "é", "\t", "\r",
    ]
    /// One for each kind of body; pieces are put between their lines.
    private static let whole = [
        "POST https://h/a?b=$C\nContent-Type: application/json\n\n{\"a\": \"$C\",\n\"b\": $C}\n",
        "POST $URL/$C\nContent-Type: application/x-www-form-urlencoded\nA: {{a}}\n\na=$C\n&b=${data.y}\n",
        "POST https://h/\nContent-Type: multipart/form-data; boundary=b\n\n--b\nContent-Disposition: form-data; name=\"$C\"\n\n$C\n--b--\n",
        "POST https://$C/\nA: $C\n\ntext ${data.y}\n###\nGET https://h/#{{a}}\n",
        "@s = json\n@t = application/{{s}}\nPOST https://h/\nContent-Type: {{t}}\n\n{\"a\": \"$C\"}\n",
        "@v = https://$C.h:80\n@w = {{v}}/${data.y}\nPOST {{w}}?b={{a}}\nA: {{v}}\n\n{\"a\": \"{{v}}\", \"b\": {{w}}}\n",
    ]
    private static let lineEnds = ["\n", "\n", "\n", "\r\n", "\n\n", "\r\n\r\n", ""]
    private static let hostile = [
        "\r\n", "\n", "\r", "\"", "\\", "\0", "{{a}}", "$C", "${data.y}", "--b", "--b--", "\r\n--b\r\n", "&", "#", "?", "/", "..",
        ":", "=",
        "x", "1", "%2f", "é", "\u{2028}", "http://e", "@e", "e/",
    ]

    @Test("Neither a crash nor a hang, and no value leaves its place", arguments: [UInt64(1), 2])
    func files(seed: UInt64) {
        var fuzzer = Fuzzer(seed: seed)
        var filled: [HTTPTemplate.BodyKind: Int] = [:]
        for round in 0..<Self.inputs / 2 {
            let text = Self.text(&fuzzer)
            let bytes = round % 3 == 0 ? fuzzer.mutate(Array(text.utf8), tokens: Self.pieces) : Array(text.utf8)
            let value = (0..<Int.random(in: 1...4, using: &fuzzer)).map { _ in Self.hostile.randomElement(using: &fuzzer) ?? "" }
                .joined()
            guard let file = try? HTTPFile(parsing: bytes) else { continue }
            for template in file.requests where check(template, file.variables, value, "seed \(seed), round \(round)") {
                filled[template.bodyKind, default: 0] += 1
            }
        }
        // Most files are refused, but not so many that nothing is tried.
        for kind in [HTTPTemplate.BodyKind.json, .form, .multipart, .raw] {
            #expect(filled[kind, default: 0] > Self.inputs / 300, "\(kind)")
        }
    }

    private static func text(_ fuzzer: inout Fuzzer) -> String {
        var lines: [String] = []
        if Bool.random(using: &fuzzer) {
            lines =
                whole.randomElement(using: &fuzzer)?.split(separator: "\n", omittingEmptySubsequences: false).map { $0 + "\n" }
                ?? []
        }
        for _ in 0..<Int.random(in: lines.isEmpty ? 1...14 : 0...3, using: &fuzzer) {
            let piece = (pieces.randomElement(using: &fuzzer) ?? "") + (lineEnds.randomElement(using: &fuzzer) ?? "")
            lines.insert(piece, at: Int.random(in: 0...lines.count, using: &fuzzer))
        }
        return lines.joined()
    }

    /// - Returns: whether there was something to check.
    private func check(
        _ template: HTTPTemplate,
        _ variables: [HTTPFile.Variable],
        _ value: String,
        _ place: String
    ) -> Bool {
        func fill(_ value: String) -> HTTPRequest? { self.fill(template, variables, value) }
        guard let request = fill(value) else { return false }
        let words = [request.method, request.url] + request.headers.fields.flatMap { [$0.name, $0.value] }
        #expect(words.allSatisfy { !$0.utf8.contains(13) && !$0.utf8.contains(10) && !$0.utf8.contains(0) }, "\(place)")
        #expect(request.headers.fields.count == template.headers.count, "\(place)")
        // What is well formed with a harmless value must be so with any.
        guard let harmless = fill("x"), let number = fill("1") else { return true }
        checkServer(of: request, harmless, number, place)
        let isJSON = request.headers["Content-Type"]?.lowercased().contains("json") == true
        switch isJSON ? .json : template.bodyKind {
        case .json:
            if (try? JSON(parsing: harmless.body)) != nil, (try? JSON(parsing: number.body)) != nil {
                #expect((try? JSON(parsing: request.body)) != nil, "\(place)")
            }
        case .form: #expect(request.body.count { $0 == 38 } == harmless.body.count { $0 == 38 }, "\(place)")
        case .multipart: #expect(delimiters(request.body) == delimiters(harmless.body), "\(place)")
        case .raw: break
        }
        return true
    }

    private func delimiters(_ body: [UInt8]) -> Int { body.ranges(of: Array("--b".utf8)).count }

    /// What two values leave alone of the server is the author's, and no third one may change it.
    private func checkServer(of request: HTTPRequest, _ one: HTTPRequest, _ other: HTTPRequest, _ place: String) {
        guard let url = try? HTTPURL(request.url), let one = try? HTTPURL(one.url), let other = try? HTTPURL(other.url) else {
            return
        }
        #expect(url.scheme == one.scheme, "\(place)")
        let start = one.host.commonPrefix(with: other.host)
        let end = String(String(one.host.reversed()).commonPrefix(with: String(other.host.reversed())).reversed())
        if one.host == other.host {
            #expect(url.host == one.host && url.port == one.port, "\(place)")
        } else {
            #expect(url.host.hasPrefix(start) && url.host.hasSuffix(end), "\(place)")
        }
    }

    private func fill(_ template: HTTPTemplate, _ variables: [HTTPFile.Variable], _ value: String) -> HTTPRequest? {
        let values = PlaceholderValues(
            variables: ["a": value, "C": value, "URL": "http://h"],
            event: ["data": ["y": .string(value)]],
            environment: [:]
        )
        var scanner = PlaceholderScanner(values, variables: variables)
        return try? template.filled(&scanner) { (_: HTTPTemplate.Text) throws(HTTPFileError) in Array("f $C\n".utf8) }
    }

    /// One of several attempts must do: a busy machine only ever slows.
    @Test(
        "The time grows as the input does",
        .enabled(if: HTTPFuzzTests.inputs > 100_000, "measures for minutes; make fuzz asks for it"),
        arguments: [
            "GET https://h/\n###\n", "\n", "# comment\n", "A: b\n", "  folded\n", "{{", "${", "$C", "$C\n", "\\", "{\"a\":[",
            "\"", "< ./f\n",
            "> {% %}\n", "?? status == 1\n", "@a = 1\n", "--b\n", "&a=$C\n", "/", "@", " ", "a b ", ": ", "# @name x\n\n",
            "<@ ./f\n", "%", "$",
        ],
        [
            "", "GET https://h/", "GET https://h/\n", "GET https://", "POST https://h/\n\n",
            "POST https://h/\nContent-Type: application/json\n\n",
            "POST https://h/\nContent-Type: multipart/form-data; boundary=b\n\n--b\nA: ",
            "POST https://h/\nContent-Type: multipart/form-data; boundary=b\n\n--b\n\n",
        ]
    )
    func growth(piece: String, start: String) {
        let count = (Self.inputs > 100_000 ? 11_500 : 2_000) / piece.utf8.count
        var ratio = Double.infinity
        // Four times the input: 4 if linear, 16 if quadratic.
        for _ in 0..<20 where ratio >= 9 {
            let small = seconds(start + String(repeating: piece, count: count))
            ratio = min(ratio, seconds(start + String(repeating: piece, count: 4 * count)) / small)
        }
        #expect(ratio < 9, "\(start) \(piece)")
    }

    private func seconds(_ text: String) -> Double {
        let end = text.hasSuffix("\n") || !text.contains("multipart") ? "" : "\n\n\n--b--\n"
        let bytes = Array((text + end).utf8)
        let duration = ContinuousClock().measure {
            guard let file = try? HTTPFile(parsing: bytes) else { return }
            for template in file.requests { _ = fill(template, file.variables, "v") }
        }
        return Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }
}

extension String {
    fileprivate func commonPrefix(with other: String) -> String {
        String(zip(self, other).prefix { $0 == $1 }.map(\.0))
    }
}
