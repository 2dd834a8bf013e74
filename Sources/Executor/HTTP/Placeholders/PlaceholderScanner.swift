import CloudEvents

/// Looks up the placeholders of a text, once, from left to right.
///
/// `$NAME` is the longest name known (`$DEPLOYMENTURILOCAL` before `$DEPLOYMENT`), `${path}` a place in the event, `${env.name}`
/// the service's environment, `{{...}}` a variable of the file, a function, a part of an earlier response or a `NAME`, and must be
/// known; `\{{` stands for itself.
struct PlaceholderScanner: Sendable {
    /// From the first to the last character; whatever is longer is no placeholder.
    static let maximumLength = 256
    /// The most bytes that one text may have with its values: a short one may name a long value very often.
    static let sizeLimit = 32 << 20

    private let names: VariableNames
    private let event: JSON
    private let environment: [String: String]
    private(set) var warnings: [String] = []
    private var functions: PlaceholderFunctions
    private var variables: FileVariables
    /// What was sent and came back, by the names of the requests.
    private var exchanges: [String: HTTPExchange] = [:]

    init(_ values: PlaceholderValues, variables: [HTTPFile.Variable] = []) {
        names = VariableNames(values.variables)
        event = values.event
        environment = values.environment
        functions = PlaceholderFunctions(environment: values.environment, dotenv: values.dotenv)
        self.variables = FileVariables(variables)
    }

    /// From now on placeholders may name the request.
    mutating func record(_ exchange: HTTPExchange, as name: String) { exchanges[name] = exchange }

    /// - Throws: for a `{{NAME}}` that is not known. Other unknown placeholders stay as they are and are warned of.
    mutating func pieces(of template: HTTPTemplate.Text) throws(HTTPFileError) -> [TemplatePiece] {
        let bytes = Array(template.text.utf8)
        var pieces: [TemplatePiece] = []
        var literal: [UInt8] = []
        var index = 0
        var size = bytes.count
        while index < bytes.count {
            // Most bytes begin nothing, and a body may be long.
            guard bytes[index].beginsPlaceholder else {
                literal.append(bytes[index])
                index += 1
                continue
            }
            let rest = bytes[index...]
            if rest.starts(with: #"\{{"#.utf8) {
                literal += "{{".utf8
                index += 3
                continue
            }
            guard let (length, value) = try placeholder(at: rest, line: template.line) else {
                literal.append(bytes[index])
                index += 1
                continue
            }
            if !literal.isEmpty { pieces.append(.literal(String(decoding: literal, as: UTF8.self))) }
            literal = []
            pieces.append(.value(value))
            index += length
            size += value.weight
            guard size <= Self.sizeLimit else {
                throw HTTPFileError("with its values the text has more than \(Self.sizeLimit) bytes", line: template.line)
            }
        }
        if !literal.isEmpty { pieces.append(.literal(String(decoding: literal, as: UTF8.self))) }
        return pieces
    }

    /// The placeholder that `text` begins with, as its length and its value.
    private mutating func placeholder(
        at text: ArraySlice<UInt8>,
        line: Int
    ) throws(HTTPFileError) -> (length: Int, value: PlaceholderValue)? {
        if let (length, content) = enclosed(text, "{{", "}}") {
            let name = content.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            return (length, try braced(name, line: line))
        }
        if let (length, path) = enclosed(text, "${", "}") {
            let name = "${\(path)}"
            if let value = value(at: path) {
                return (length, PlaceholderValue(name: name, text: value.text, isContainer: value.isJSON))
            }
            warn("line \(line): \(name) is not known and stays as it is")
            return nil
        }
        guard text.first == UInt8(ascii: "$") else { return nil }
        let after = text.dropFirst()
        let run = after.prefix(Self.maximumLength).prefix { $0.isNameByte }
        guard let (length, value) = names.longestMatch(after) else {
            if let first = run.first, !first.isDigit {
                warn("line \(line): $\(String(decoding: run, as: UTF8.self)) is not known and stays as it is")
            }
            return nil
        }
        let name = "$" + String(decoding: after.prefix(length), as: UTF8.self)
        if let next = after.dropFirst(length).first, next.isNameByte, next != UInt8(ascii: "_") {
            warn("line \(line): $\(String(decoding: run, as: UTF8.self)) was read as \(name) and more")
        }
        return (length + 1, PlaceholderValue(name: name, text: value))
    }

    /// The value of `{{name}}`.
    ///
    /// - Throws: if it is not known.
    private mutating func braced(_ name: String, line: Int) throws(HTTPFileError) -> PlaceholderValue {
        let shown = "{{\(name)}}"
        if name.hasPrefix("$") {
            return PlaceholderValue(name: shown, text: try functions.value(String(name.dropFirst()), line: line))
        }
        switch try variables.find(name) {
        case .known(let value): return value
        // What it holds is looked up now, and is the same from now on.
        case .template(let template): return try variables.resolve(name, from: pieces(of: template))
        case .none: break
        }
        if let (request, path) = ExchangePath.split(name, isName: { exchanges[$0] != nil }), var exchange = exchanges[request] {
            defer { exchanges[request] = exchange }
            let (text, isContainer) = try path.value(in: &exchange, name: name, line: line)
            return PlaceholderValue(name: shown, text: text, isContainer: isContainer)
        }
        guard let value = names[name] else {
            if let problem = ExchangePath.problem(of: name) { throw HTTPFileError("\(shown): \(problem)", line: line) }
            throw HTTPFileError("\(shown) is not known: no variable, function or earlier request has that name", line: line)
        }
        return PlaceholderValue(name: shown, text: value)
    }

    private func value(at path: String) -> (text: String, isJSON: Bool)? {
        switch path {
        case "timestring", "timeutcstring", "timeutcms": return names[path.uppercased()].map { ($0, false) }
        case _ where path.hasPrefix("env."): return environment[path.dropFirst(4).lowercased()].map { ($0, false) }
        default: break
        }
        switch event.value(at: path) {
        case nil: return nil
        case .string(let text): return (text, false)
        case .number(let number): return (number.plainText, false)
        case .bool(let value): return (value ? "true" : "false", false)
        case .null: return ("null", false)
        case .some(let container): return (container.text, true)
        }
    }

    /// What stands between `opening` and `closing`, on one line and not too long.
    private func enclosed(_ text: ArraySlice<UInt8>, _ opening: String, _ closing: String) -> (length: Int, content: String)? {
        guard text.starts(with: opening.utf8) else { return nil }
        let closing = Array(closing.utf8)
        let content = text.dropFirst(opening.utf8.count).prefix(Self.maximumLength)
        for index in content.indices {
            if content[index] == UInt8(ascii: "\n") { return nil }
            guard content[index...].starts(with: closing) else { continue }
            return (index + closing.count - text.startIndex, String(decoding: content[..<index], as: UTF8.self))
        }
        return nil
    }

    private mutating func warn(_ warning: String) {
        if !warnings.contains(warning), warnings.count < 20 { warnings.append(warning) }
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

    fileprivate var beginsPlaceholder: Bool {
        self == UInt8(ascii: "$") || self == UInt8(ascii: "{") || self == UInt8(ascii: "\\")
    }

    fileprivate var isNameByte: Bool {
        isDigit || self == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20)
    }
}
