import TestSupport
import Testing

@testable import Executor

struct VariableNamesTests {
    @Test("The longest name wins, whatever the names: compared with trying all of them")
    func longest() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var fuzzer = Fuzzer(seed: seed)
        func word(_ length: ClosedRange<Int>) -> String {
            String((0..<Int.random(in: length, using: &fuzzer)).map { _ in "AB[é".randomElement(using: &fuzzer) ?? "A" })
        }
        for _ in 0..<2_000 {
            let names = (0..<Int.random(in: 0...12, using: &fuzzer)).map { _ in word(0...6) }
            let text = word(0...9)
            let found = VariableNames(Dictionary(names.map { ($0, "<\($0)>") }) { first, _ in first })
                .longestMatch(Array("$\(text)".utf8).dropFirst())
            let known = Set(names).union(names.map { $0.uppercased() })
            let expected = known.filter { !$0.isEmpty && text.hasPrefix($0) }.max { $0.utf8.count < $1.utf8.count }
            #expect(found?.length == expected?.utf8.count, "seed \(seed): \(names) in \(text)")
            if let expected, names.contains(expected) { #expect(found?.value == "<\(expected)>", "seed \(seed)") }
        }
    }

    @Test("Of two names that differ in case alone, the same one has the upper-case name each time")
    func upperCase() {
        let names = VariableNames(["LABEL_ab": "1", "LABEL_aB": "2", "LABEL_C": "3", "LABEL_c": "4"])
        #expect(names["LABEL_AB"] == "2")
        #expect(names["LABEL_C"] == "3")
        #expect(names["LABEL_ab"] == "1")
        #expect(names[""] == nil)
    }

    @Test("A name that is longer than any placeholder is not known")
    func tooLong() {
        let name = String(repeating: "N", count: PlaceholderScanner.maximumLength + 1)
        #expect(VariableNames([name: "x"]).longestMatch(Array(name.utf8)[...])?.value == nil)
    }
}
