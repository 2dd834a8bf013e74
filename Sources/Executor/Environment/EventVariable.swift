import CloudEvents

/// A value of the event under the names that its path makes.
struct EventVariable: Sendable, Hashable {
    /// As the original wrote it, then, where that differs, with `_` for brackets.
    var names: [String]
    var value: String
    var path: String
    var depth: Int

    /// All scalars of the event's data as `DATA_...`, in order of precedence: the lower depth, then the path that sorts first.
    ///
    /// - Returns: also whether names were left out, the deepest ones, because all together are longer than any environment. A long
    ///   name above a long list would otherwise make a small event fill the memory.
    static func all(of event: CloudEvent) -> (variables: [EventVariable], isCut: Bool) {
        switch event.data {
        case .json(let json):
            var walk = Walk()
            walk.run(json)
            return (walk.found.sorted { ($0.depth, $0.path) < ($1.depth, $1.path) }, walk.room < 0)
        case .text(let text): return ([EventVariable(names: ["DATA"], value: text, path: "data", depth: 0)], false)
        case .bytes, nil: return ([], false)
        }
    }

    /// The extension attributes that `told` does not name, as `CE_<NAME>`: a bare name from a sender could mean anything.
    static func extensions(of event: CloudEvent, except told: [String: String]) -> [EventVariable] {
        let unknown = event.extensions.filter { name, value in told[name.uppercased()] != text(of: value) }
        return unknown.sorted { $0.key < $1.key }.map { name, value in
            EventVariable(names: ["CE_" + name.uppercased()], value: text(of: value), path: name, depth: 0)
        }
    }

    private static func text(of json: JSON) -> String { json.number?.plainText ?? json.scalarText ?? json.text }
}

extension EventVariable {
    private struct Node {
        var path = "data"
        var original = "DATA"
        var readable = "DATA"
        var depth = 0

        var size: Int { path.utf8.count + original.utf8.count + readable.utf8.count }

        /// The original makes the name from the whole path, so a dot in a key is like one between keys.
        func member(_ key: String) -> Node {
            let name = key.uppercased()
            let part = name.utf8.contains(UInt8(ascii: ".")) ? "_" + name.replacing(".", with: "_") : "_" + name
            return Node(path: "\(path).\(key)", original: original + part, readable: readable + part, depth: depth + 1)
        }

        func element(_ index: Int, isScalar: Bool) -> Node {
            Node(
                path: "\(path)[\(index)]",
                original: original + (isScalar ? "_\(index)" : "[\(index)]"),
                readable: "\(readable)_\(index)",
                depth: depth + 1
            )
        }
    }

    /// Goes through a value level by level, so that what is cut off is the deepest.
    private struct Walk {
        /// Bytes of paths and names that may still be made: far more than the kernel takes of names and values together.
        var room = 8 * VariableTable.totalLimit
        var found: [EventVariable] = []
        private var next: [(JSON, Node)] = []

        mutating func run(_ json: JSON) {
            next = [(json, Node())]
            while !next.isEmpty, room >= 0 {
                let level = next
                next = []
                for (value, node) in level where room >= 0 { visit(value, node) }
            }
        }

        private mutating func visit(_ json: JSON, _ node: Node) {
            switch json {
            case .null: break
            case .string, .number, .bool:
                let names = node.original == node.readable ? [node.original] : [node.original, node.readable]
                found.append(EventVariable(names: names, value: text(of: json), path: node.path, depth: node.depth))
            case .object(let members):
                for (key, value) in members where room >= 0 { add(value, node.member(key)) }
            case .array(let elements):
                for (index, element) in elements.enumerated() where room >= 0 {
                    add(element, node.element(index, isScalar: element.scalarText != nil))
                }
            }
        }

        private mutating func add(_ json: JSON, _ node: Node) {
            room -= node.size
            if room >= 0 { next.append((json, node)) }
        }
    }
}
