import Basics

extension HTTPFile.Variable {
    /// `@name = value`; nil for every other line.
    init?(_ line: HTTPFileLines.Line) {
        guard line.content.hasPrefix("@"), let equals = line.content.firstIndex(of: "=") else { return nil }
        // httpyac's `:=` is evaluated late, as all of ours are.
        var name = line.content[..<equals].dropFirst().trimmed
        if name.hasSuffix(":") { name = name.dropLast().trimmed }
        guard HTTPRequestHead.isName(name.replacing(".", with: "_")) else { return nil }
        self.name = name
        value = .init(text: line.content[line.content.index(after: equals)...].trimmed, line: line.number)
    }
}
