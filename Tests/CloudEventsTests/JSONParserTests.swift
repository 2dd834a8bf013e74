import CloudEvents
import TestSupport
import Testing

@Suite("JSON parser")
struct JSONParserTests {
    @Test(
        "reads what RFC 8259 allows",
        arguments: [
            ("null", .null), ("true", true), (" false\r\n", false), ("0", 0), ("-12", -12), ("\"\"", ""),
            ("[]", []), ("{}", [:]), ("[ 1 , [ ] , {\t} ]", [1, [], [:]]), (#"{"a":{"b":[null]}}"#, ["a": ["b": [.null]]]),
            (#""\"\\\/\b\f\n\r\t""#, .string("\"\\/\u{8}\u{C}\n\r\t")), (#""\u00e9\u0041""#, "éA"),
            (#""\ud83d\ude00""#, "😀"), ("\"grüß 😀\"", "grüß 😀"), (#""\u0000""#, "\0"), ("\u{FEFF}{}", [:]),
            (#"{"a":1,"b":2,"a":3}"#, ["a": 3, "b": 2]),
        ] as [(String, JSON)]
    )
    func valid(text: String, expected: JSON) throws {
        #expect(try JSON(parsing: text.utf8) == expected)
    }

    @Test(
        "half of a surrogate pair becomes U+FFFD",
        arguments: [
            (#""\ud800""#, "\u{FFFD}"), (#""\udc00x""#, "\u{FFFD}x"), (#""\ud800\u0041""#, "\u{FFFD}A"),
            (#""\ud800\ud83d\ude00""#, "\u{FFFD}😀"), (#""\ud800\n""#, "\u{FFFD}\n"),
        ]
    )
    func loneSurrogates(text: String, expected: String) throws {
        #expect(try JSON(parsing: text.utf8).string == expected)
    }

    @Test(
        "numbers are kept as they were written",
        arguments: ["1.10", "1e3", "-0", "12345678901234567890", "1E+05", "0.000", "1e-7"]
    )
    func numbers(text: String) throws {
        #expect(try JSON(parsing: text.utf8).number?.text == text)
    }

    @Test("a name that comes twice keeps its first place and its last value")
    func duplicates() throws {
        #expect(try JSON(parsing: #"{"a":1,"b":2,"a":3}"#.utf8).text == #"{"a":3,"b":2}"#)
    }

    @Test(
        "says what is wrong, and where",
        arguments: [
            ("", "expected a value, found the end of the text", 1, 1),
            ("{\"a\" 1}", "expected ':' after a member's name, found '1'", 1, 6),
            ("{\n  \"a\": 1,\n}", "expected a member's name in quotes, found '}'", 3, 1),
            ("{a:1}", "expected a member's name in quotes, found 'a'", 1, 2),
            ("[1 2]", "expected ',' or ']' after an element, found '2'", 1, 4),
            ("[1,]", "expected a value, found ']'", 1, 4),
            ("{\"a\":1 \"b\"", "expected ',' or '}' after a member, found '\"'", 1, 8),
            ("{} x", "expected the end of the text, found 'x'", 1, 4),
            ("nul", "expected a value, found a word that is not true, false or null", 1, 1),
            ("True", "expected a value, found 'T'", 1, 1),
            ("01", "expected the end of the text, found '1'", 1, 2),
            ("1.", "expected a digit after the decimal point, found the end of the text", 1, 3),
            ("-", "expected a digit, found the end of the text", 1, 2),
            ("1e+", "expected a digit of the exponent, found the end of the text", 1, 4),
            ("+1", "expected a value, found '+'", 1, 1),
            (".5", "expected a value, found '.'", 1, 1),
            ("NaN", "expected a value, found 'N'", 1, 1),
            ("'a'", "expected a value, found '''", 1, 1),
            ("\"a", "the string that begins here does not end", 1, 1),
            ("\"a\nb\"", "a control character inside a string must be written as an escape", 1, 3),
            (#""\x""#, "expected an escape after '\\', found 'x'", 1, 3),
            (#""\u12g4""#, "expected four hexadecimal digits after '\\u', found 'g'", 1, 6),
            ("[1,\n\u{0B}2]", "expected a value, found the byte 0xB", 2, 1),
        ]
    )
    func invalid(text: String, problem: String, line: Int, column: Int) {
        let error = #expect(throws: JSONError.self) { try JSON(parsing: text.utf8) }
        #expect(error?.problem == problem)
        #expect(error?.line == line)
        #expect(error?.column == column)
    }

    @Test(
        "refuses bytes that are not UTF-8",
        arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82]] as [[UInt8]]
    )
    func notUTF8(bytes: [UInt8]) {
        let error = #expect(throws: JSONError.self) { try JSON(parsing: [0x22] + bytes + [0x22]) }
        #expect(error?.problem == "the string that begins here is not UTF-8")
    }

    @Test("bears a depth of 128, and refuses more without touching the stack")
    func depth() throws {
        func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        #expect(throws: Never.self) { try JSON(parsing: nested(128).utf8) }
        let error = #expect(throws: JSONError.self) { try JSON(parsing: nested(129).utf8) }
        #expect(error?.description == "not valid JSON: nested more than 128 deep (line 1, column 129)")
        #expect(throws: JSONError.self) { try JSON(parsing: String(repeating: #"{"a":"#, count: 1_000_000).utf8) }
    }

    @Test("survives whatever comes, and writes what it reads", .timeLimit(.minutes(3)), arguments: [1, 20, 300] as [UInt64])
    func fuzz(seed: UInt64) throws {
        let samples = [
            #"{"a":[1,2.5e3,-0,true,false,null,"x\u00e9\ud83d\ude00\n"],"b":{"c":{},"d":[]},"é":"ü😀"}"#,
            #"[[[[{"k":[{"k":[0.1E-2]}]}]]]]"#, #""\ud800\udc00\\\"""#, "  [ 1 , 2 ]\r\n",
        ]
        let tokens = ["\\u", "\\ud83d", "\\", "\"", "[", "{", ":", ",", "1e", "-", "null", "\u{FEFF}", "\u{0}"]
        var fuzzer = Fuzzer(seed: seed)
        var accepted = 0
        for round in 0..<3000 {
            let input = fuzzer.mutate(Array(samples[round % samples.count].utf8), tokens: tokens)
            guard let value = try? JSON(parsing: input) else { continue }
            accepted += 1
            let again = try JSON(parsing: value.serialized())
            #expect(again == value, "seed \(seed), round \(round): \(input)")
            #expect(again.text == value.text, "seed \(seed), round \(round): \(input)")
        }
        #expect(accepted > 100, "seed \(seed): the mutations leave too little that is JSON")
    }
}
