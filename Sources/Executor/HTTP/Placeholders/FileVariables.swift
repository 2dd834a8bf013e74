/// The `@name = value` lines of a file. A value is looked up when it is first used: it may hold what only an earlier response says.
struct FileVariables: Sendable {
    enum Finding {
        case known(PlaceholderValue)
        /// To be looked up by who asks, and told to ``resolve(_:from:)``.
        case template(HTTPTemplate.Text)
    }

    private static let depthLimit = 50
    private static let sizeLimit = 1 << 20

    private var templates: [String: HTTPTemplate.Text]
    private var values: [String: PlaceholderValue] = [:]
    /// Those that are being looked up: one that needs itself has no value.
    private var open: Set<String> = []

    /// - Parameter variables: of two with one name, the later counts.
    init(_ variables: [HTTPFile.Variable]) {
        templates = Dictionary(variables.map { ($0.name, $0.value) }) { $1 }
    }

    /// - Throws: for a variable whose value needs itself.
    mutating func find(_ name: String) throws(HTTPFileError) -> Finding? {
        if let value = values[name] { return .known(value) }
        guard let template = templates[name] else { return nil }
        guard open.insert(name).inserted else { throw HTTPFileError("@\(name) is made of itself", line: template.line) }
        guard open.count <= Self.depthLimit else {
            throw HTTPFileError(
                "@\(name) is made of variables that are made of others, more than \(Self.depthLimit) deep",
                line: template.line
            )
        }
        return .template(template)
    }

    /// - Throws: for a value that is larger than any use of it: each variable may name the one before twice.
    mutating func resolve(_ name: String, from pieces: [TemplatePiece]) throws(HTTPFileError) -> PlaceholderValue {
        open.remove(name)
        let parts = pieces.expanded
        var value = PlaceholderValue(name: "{{\(name)}}", text: parts.plainText, parts: parts)
        guard value.weight <= Self.sizeLimit else {
            throw HTTPFileError("@\(name) has more than \(Self.sizeLimit) bytes", line: templates[name]?.line)
        }
        if parts.count == 1, case .value(let only)? = parts.first { value.isContainer = only.isContainer }
        values[name] = value
        return value
    }
}
