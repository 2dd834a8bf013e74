import Basics

extension HTTPAssertion {
    /// Reads `?? SUBJECT [RELATION [VALUE]]`.
    init(_ line: HTTPFileLines.Line) throws(HTTPFileError) {
        var rest = line.content.dropFirst(2).trimmed[...]
        func word() -> String? {
            let word = rest.prefix { !$0.isWhitespace }
            guard !word.isEmpty else { return nil }
            rest = rest.dropFirst(word.count).drop(while: \.isWhitespace)
            return String(word)
        }
        func isRelation(_ text: Substring) -> Bool {
            Relation(rawValue: String(text.prefix { !$0.isWhitespace })) != nil
        }
        switch word() {
        case "status": subject = .status
        case "duration": subject = .duration
        case "header":
            guard let name = word() else { throw HTTPFileError("'?? header' needs the name of a header", line: line.number) }
            subject = .header(name)
        case "body":
            let hasPath = !rest.isEmpty && !isRelation(rest)
            subject = .body(path: hasPath ? word() : nil)
        case let other:
            let reason = "'?? \(other ?? "")' is not known: status, header, body and duration can be asserted"
            throw HTTPFileError(reason, line: line.number)
        }
        guard let name = word() else {
            (relation, expected) = (.exists, .init(text: "", line: line.number))
            return
        }
        guard let relation = Relation(rawValue: name) else {
            let known = Relation.allCases.map(\.rawValue).joined(separator: ", ")
            throw HTTPFileError("'\(name)' is no relation; these are: \(known)", line: line.number)
        }
        self.relation = relation
        expected = .init(text: Self.withoutQuotes(rest.trimmed), line: line.number)
        if relation.comparesWithValue, expected.text.isEmpty, relation != .equal, relation != .notEqual {
            throw HTTPFileError("'\(name)' needs a value to compare with", line: line.number)
        }
    }

    private static func withoutQuotes(_ text: String) -> String {
        guard text.count >= 2, let first = text.first, first == "\"" || first == "'", text.last == first else { return text }
        return String(text.dropFirst().dropLast())
    }
}
