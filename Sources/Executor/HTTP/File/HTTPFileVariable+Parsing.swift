import Basics

extension HTTPFile.Variable {
    /// Reads `@name = value`; nil for a line that is none.
    init?(parsing line: HTTPFileLines.Line) throws(HTTPFileError) {
        guard line.content.hasPrefix("@"), let equals = line.content.firstIndex(of: "=") else { return nil }
        var name = line.content[..<equals].dropFirst().trimmed
        let isLazy = name.hasSuffix(":")
        if isLazy { name = name.dropLast().trimmed }
        guard HTTPRequestHead.isName(name) else { return nil }
        guard !isLazy else {
            throw HTTPFileError("variables with ':=' are not supported: write '@\(name) = value'", line: line.number)
        }
        let value = line.content[line.content.index(after: equals)...].trimmed
        self.init(name: name, value: HTTPTemplate.Text(text: value, line: line.number))
    }
}
