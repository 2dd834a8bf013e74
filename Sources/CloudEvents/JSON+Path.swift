extension JSON {
    /// The value at a path such as `data.labels.team` or `data.list[0].name`; nil where there is none. Case counts.
    ///
    /// A member whose own name holds a dot or a bracket is found too (`data.labels.app.kubernetes.io/name`): of the names that
    /// the path could mean at one place, the shortest that exists is taken.
    public func value(at path: String) -> JSON? {
        var value = self
        var rest = path[...]
        while !rest.isEmpty {
            guard let (next, remainder) = value.step(into: rest) else { return nil }
            value = next
            rest = remainder
            switch rest.first {
            case nil, "[": continue
            case ".":
                rest.removeFirst()
                if rest.isEmpty { return nil }
            default: return nil
            }
        }
        return path.isEmpty ? nil : value
    }

    /// One member or element, and what the path says after it.
    private func step(into path: Substring) -> (JSON, Substring)? {
        switch self {
        case .object(let object):
            var end = path.startIndex
            while end < path.endIndex {
                end = path[path.index(after: end)...].firstIndex { $0 == "." || $0 == "[" } ?? path.endIndex
                if let value = object[String(path[..<end])] { return (value, path[end...]) }
            }
            return nil
        case .array(let array):
            guard path.first == "[", let closing = path.firstIndex(of: "]") else { return nil }
            let digits = path[path.index(after: path.startIndex)..<closing]
            guard digits.allSatisfy(\.isASCIIDigit), let index = Int(digits), index < array.count else { return nil }
            return (array[index], path[path.index(after: closing)...])
        case .null, .bool, .number, .string:
            return nil
        }
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}
