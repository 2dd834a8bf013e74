import Basics
import Testing

@testable import Server

@Suite struct DocumentationTests {
    private static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")

    @Test("docs/configuration.md lists every setting with its default, and no other")
    func configuration() throws {
        let text = String(decoding: try Files.read(Self.root + "/docs/configuration.md"), as: UTF8.self)
        let rows = text.matches(of: /(?m)^\| `([A-Z_]+)` \| ([^|]*) \|/).map { (name: String($0.1), fallback: String($0.2)) }
        #expect(rows.map(\.name).sorted() == Settings.all.map(\.name).sorted())
        for (name, fallback) in rows {
            guard let expected = Settings.all.first(where: { $0.name == name })?.fallback else { continue }
            #expect(fallback == "`\(expected)`", "\(name)")
        }
    }

    @Test("README shows the samples as `new` writes them")
    func samples() throws {
        let readme = String(decoding: try Files.read(Self.root + "/README.md"), as: UTF8.self)
        for (name, text) in Samples.files { #expect(readme.contains(text.trimmingTrailingNewline), "\(name)") }
    }

    @Test("Tests/SEED.md names tests that exist, and all whose name says that they hold a statement")
    func promises() throws {
        let table = String(decoding: try Files.read(Self.root + "/Tests/SEED.md"), as: UTF8.self)
        let rows = table.matches(of: /(?m)^\|[^|]*\| `([^`|]+)` \| `([^`|]+)` \|$/).map { "\($0.1): \($0.2)" }
        var tests: Set<String> = []
        for suite in try Files.list(Self.root + "/Tests").filter({ $0.hasSuffix("Tests") }) {
            for file in try Files.list("\(Self.root)/Tests/\(suite)").filter({ $0.hasSuffix(".swift") }) {
                let text = String(decoding: try Files.read("\(Self.root)/Tests/\(suite)/\(file)"), as: UTF8.self)
                for test in text.matches(of: /@Test\(\s*"((?:[^"\\]|\\.)*)"/) {
                    tests.insert("\(suite)/\(file): \(test.1.replacing("\\\"", with: "\""))")
                }
            }
        }
        for row in rows { #expect(tests.contains(row), "no such test") }
        let named = tests.filter { $0.contains(": Seed: ") || $0.contains(": 0.8: ") }
        #expect(named.subtracting(rows).sorted() == [], "not in the table")
    }
}

extension String {
    fileprivate var trimmingTrailingNewline: String { hasSuffix("\n") ? String(dropLast()) : self }
}
