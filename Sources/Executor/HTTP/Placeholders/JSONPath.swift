import CloudEvents

/// A place in a JSON value: of JSONPath (RFC 9535) what names a single value, `$.a.b[0]['c']`; `*` is the whole text.
struct JSONPath: Sendable, Hashable {
    private enum Step: Sendable, Hashable {
        case member(String)
        /// Negative from the end.
        case element(Int)
    }

    /// What to say of a text that is no such path.
    static let rule = "a path names one value, as $.a.b[0]['c'] does; wildcards, filters and XPath are not supported"

    private let steps: [Step]
    /// The whole text, JSON or not.
    let isWhole: Bool

    /// - Returns: nil for what is no such path, or could name several values.
    init?(_ text: String) {
        isWhole = text == "*"
        guard !isWhole else {
            steps = []
            return
        }
        guard text.hasPrefix("$") else { return nil }
        var steps: [Step] = []
        var rest = text.dropFirst()
        while let first = rest.first {
            if first == "." {
                let name = rest.dropFirst().prefix { $0 != "." && $0 != "[" }
                guard !name.isEmpty, name != "*" else { return nil }
                steps.append(.member(String(name)))
                rest = rest.dropFirst(name.count + 1)
            } else if first == "[" {
                guard let end = rest.firstIndex(of: "]") else { return nil }
                let inner = rest[rest.index(after: rest.startIndex)..<end]
                if let quote = inner.first, quote == "'" || quote == "\"" {
                    guard inner.count >= 2, inner.last == quote else { return nil }
                    steps.append(.member(String(inner.dropFirst().dropLast())))
                } else if let index = Int(inner) {
                    steps.append(.element(index))
                } else {
                    return nil
                }
                rest = rest[rest.index(after: end)...]
            } else {
                return nil
            }
        }
        self.steps = steps
    }

    /// nil if there is nothing at that place.
    func value(in json: JSON) -> JSON? {
        var value = json
        for step in steps {
            switch step {
            case .member(let name):
                guard let next = value[name] else { return nil }
                value = next
            case .element(let index):
                guard let elements = value.array else { return nil }
                let position = index < 0 ? elements.count + index : index
                guard elements.indices.contains(position) else { return nil }
                value = elements[position]
            }
        }
        return value
    }
}
