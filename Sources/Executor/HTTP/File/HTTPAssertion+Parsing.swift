import Basics

extension HTTPAssertion {
    /// Reads `?? subject relation expected`.
    ///
    /// - Throws: for what it does not know: an assertion that is passed over would be one that always holds.
    init(parsing line: HTTPFileLines.Line) throws(HTTPFileError) {
        var rest = line.content.dropFirst(2).drop(while: \.isWhitespace)
        let subject = try Self.subject(&rest, line.number)
        guard let relation = Self.relation(&rest) else {
            let known = Relation.allCases.map(\.rawValue).joined(separator: " ")
            throw HTTPFileError("the assertion needs one of these after what it looks at: \(known)", line: line.number)
        }
        let expected = rest.trimmed
        guard relation.comparesWithNothing == expected.isEmpty || relation == .equal || relation == .notEqual else {
            let reason = expected.isEmpty ? "needs a value to compare with" : "compares with nothing, so no value can follow"
            throw HTTPFileError("the assertion's '\(relation.rawValue)' \(reason)", line: line.number)
        }
        self.init(subject: subject, relation: relation, expected: HTTPTemplate.Text(text: expected, line: line.number))
    }

    private static func subject(_ rest: inout Substring, _ line: Int) throws(HTTPFileError) -> Subject {
        let word = rest.prefix { $0.isASCII && $0.isLetter }
        rest = rest.dropFirst(word.count).drop(while: \.isWhitespace)
        switch word {
        case "status": return .status
        case "duration": return .duration
        case "header":
            let name = rest.prefix { !$0.isWhitespace }
            guard !name.isEmpty else { throw HTTPFileError("the assertion needs the name of a header", line: line) }
            rest = rest.dropFirst(name.count).drop(while: \.isWhitespace)
            return .header(String(name))
        case "body" where !rest.hasPrefix("$"): return .body(path: nil)
        case "body", "jsonpath":
            let path = path(rest)
            guard path.hasPrefix("$") else { throw HTTPFileError("the assertion needs a JSON path: $.a.b", line: line) }
            // A path that is never found would make every `!=` true.
            guard JSONPath(String(path)) != nil else { throw HTTPFileError("'?? body \(path)': \(JSONPath.rule)", line: line) }
            rest = rest.dropFirst(path.count).drop(while: \.isWhitespace)
            return .body(path: String(path))
        default:
            throw HTTPFileError(
                "an assertion looks at status, duration, header NAME, body or body $.path, and at nothing else",
                line: line
            )
        }
    }

    /// A JSON path: to the first white space outside of brackets.
    private static func path(_ text: Substring) -> Substring {
        var isInBrackets = false
        return text.prefix { character in
            if character == "[" { isInBrackets = true }
            if character == "]" { isInBrackets = false }
            return isInBrackets || !character.isWhitespace
        }
    }

    private static func relation(_ rest: inout Substring) -> Relation? {
        for relation in [Relation.equal, .notEqual, .lessOrEqual, .greaterOrEqual, .less, .greater]
        where rest.hasPrefix(relation.rawValue) {
            let after = rest.dropFirst(relation.rawValue.count)
            guard after.first != "=" else { return nil }
            rest = after
            return relation
        }
        let word = rest.prefix { !$0.isWhitespace }
        rest = rest.dropFirst(word.count)
        return word == "contains" ? .includes : Relation(rawValue: String(word))
    }
}

extension HTTPAssertion.Relation {
    fileprivate var comparesWithNothing: Bool {
        switch self {
        case .exists, .isFalse, .isTrue, .isNumber, .isString, .isBoolean, .isNull, .isArray: true
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .includes, .startsWith, .endsWith: false
        }
    }
}
