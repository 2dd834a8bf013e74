import Basics
import CloudEvents
import Curl

extension HTTPAssertion {
    /// What is shown of a value that came.
    private static let shownLength = 80

    /// Whether it needs the response's body as JSON.
    var looksIntoBody: Bool { if case .body(_?) = subject { true } else { false } }

    /// - Parameters:
    ///   - json: the response's body, where it is wanted; nil if it is no JSON.
    ///   - expected: the value to compare with, its placeholders filled in.
    ///   - showsValues: whether the sentence may tell them; if not, it tells only those of status and duration.
    /// - Returns: a sentence that says what is not as it should be; nil if the assertion holds.
    func failure(of response: HTTPResponse, json: JSON?, expected: String, showsValues: Bool = true) -> String? {
        // Where nothing can be looked at, not even `!=` holds.
        let problem = !looksIntoBody ? nil : response.isCut ? "the body was cut" : json == nil ? "the body is no JSON" : nil
        let actual = value(in: response, json)
        guard problem != nil || !holds(actual, expected) else { return nil }
        let isOpen = showsValues || subject == .status || subject == .duration
        let shown = actual.map { isOpen ? "'\(Self.cut($0.scalarText ?? $0.text))'" : "something else (@no-log)" }
        let wanted =
            relation.comparesWithValue ? "\(relation.rawValue) \(isOpen ? Self.cut(expected) : "...")" : relation.rawValue
        return "line \(self.expected.line): \(subject) \(wanted) is not so: \(problem ?? "it is \(shown ?? "not there")")"
    }

    private static func cut(_ text: String) -> String {
        text.utf8.count > shownLength ? "\(text.prefix(shownLength))..." : text
    }

    private func value(in response: HTTPResponse, _ json: JSON?) -> JSON? {
        switch subject {
        case .status: return .number(JSONNumber(response.status))
        case .duration: return .number(JSONNumber(Int(response.duration / .milliseconds(1))))
        case .header(let name): return response.headers[name].map { .string($0) }
        case .body(nil): return .string(String(decoding: response.body, as: UTF8.self))
        case .body(let path?):
            guard let path = JSONPath(path), let json else { return nil }
            return path.isWhole ? json : path.value(in: json)
        }
    }

    private func holds(_ actual: JSON?, _ expected: String) -> Bool {
        guard let actual else { return relation == .notEqual }
        let text = actual.number?.plainText ?? actual.scalarText ?? actual.text
        switch relation {
        case .equal: return Self.areEqual(actual, text, expected)
        case .notEqual: return !Self.areEqual(actual, text, expected)
        case .less: return Self.compare(text, expected) { $0 < $1 }
        case .lessOrEqual: return Self.compare(text, expected) { $0 <= $1 }
        case .greater: return Self.compare(text, expected) { $0 > $1 }
        case .greaterOrEqual: return Self.compare(text, expected) { $0 >= $1 }
        case .includes: return text.contains(expected)
        case .startsWith: return text.hasPrefix(expected)
        case .endsWith: return text.hasSuffix(expected)
        case .exists: return true
        case .isFalse: return actual == .bool(false) || text == "false"
        case .isTrue: return actual == .bool(true) || text == "true"
        case .isNumber: return actual.number != nil
        case .isString: return actual.string != nil
        case .isBoolean: return actual.bool != nil
        case .isNull: return actual.isNull
        case .isArray: return actual.array != nil
        }
    }

    /// Numbers by their value, lists and objects as JSON, all else as text.
    private static func areEqual(_ actual: JSON, _ text: String, _ expected: String) -> Bool {
        if text == expected { return true }
        switch actual {
        case .number(let number):
            guard let other = (try? JSON(parsing: expected.utf8))?.number else { return false }
            // Whole numbers as they are: beyond 2^53 a Double no longer tells neighbours apart.
            if let whole = number.int, let otherWhole = other.int { return whole == otherWhole }
            return number.double == other.double
        case .array, .object: return (try? JSON(parsing: expected.utf8)) == actual
        case .string, .bool, .null: return false
        }
    }

    private static func compare(_ text: String, _ expected: String, _ relation: (Double, Double) -> Bool) -> Bool {
        guard let left = Double(text), let right = Double(expected) else { return false }
        return relation(left, right)
    }
}

extension HTTPAssertion.Subject: CustomStringConvertible {
    var description: String {
        switch self {
        case .status: "status"
        case .duration: "duration"
        case .header(let name): "header \(name)"
        case .body(nil): "body"
        case .body(let path?): "body \(path)"
        }
    }
}
