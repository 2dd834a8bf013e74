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
}

extension String {
    fileprivate var trimmingTrailingNewline: String { hasSuffix("\n") ? String(dropLast()) : self }
}
