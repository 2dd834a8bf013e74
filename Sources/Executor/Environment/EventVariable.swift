import CloudEvents

/// A value of the event under the names that its path makes.
struct EventVariable: Sendable, Hashable {
    /// As the original wrote it, then, where that differs, with `_` for brackets.
    var names: [String]
    var value: String
    var path: String
    var depth: Int

    /// All scalars of the event's data as `DATA_...`, in order of precedence: the lower depth, then the path that sorts first.
    static func all(of event: CloudEvent) -> [EventVariable] {
        var found: [EventVariable] = []
        switch event.data {
        case .json(let json): collect(json, Node(path: "data", original: "DATA", readable: "DATA", depth: 0), into: &found)
        case .text(let text): found = [EventVariable(names: ["DATA"], value: text, path: "data", depth: 0)]
        case .bytes, nil: break
        }
        return found.sorted { ($0.depth, $0.path) < ($1.depth, $1.path) }
    }

    /// The extension attributes that `told` does not name, as `CE_<NAME>`: a bare name from a sender could mean anything.
    static func extensions(of event: CloudEvent, except told: [String: String]) -> [EventVariable] {
        let unknown = event.extensions.filter { name, value in told[name.uppercased()] != text(of: value) }
        return unknown.sorted { $0.key < $1.key }.map { name, value in
            EventVariable(names: ["CE_" + name.uppercased()], value: text(of: value), path: name, depth: 0)
        }
    }

    private struct Node {
        var path: String
        var original: String
        var readable: String
        var depth: Int
    }

    /// The depth of JSON is bounded by its parser.
    private static func collect(_ json: JSON, _ node: Node, into found: inout [EventVariable]) {
        switch json {
        case .null: break
        case .string, .number, .bool:
            let names = node.original == node.readable ? [node.original] : [node.original, node.readable]
            found.append(EventVariable(names: names, value: text(of: json), path: node.path, depth: node.depth))
        case .object(let members):
            for (key, value) in members {
                // The original makes the name from the whole path, so a dot in a key is like one between keys.
                let part = "_" + key.uppercased().replacing(".", with: "_")
                let child = Node(
                    path: "\(node.path).\(key)",
                    original: node.original + part,
                    readable: node.readable + part,
                    depth: node.depth + 1
                )
                collect(value, child, into: &found)
            }
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                let isScalar = element.scalarText != nil
                let child = Node(
                    path: "\(node.path)[\(index)]",
                    original: node.original + (isScalar ? "_\(index)" : "[\(index)]"),
                    readable: "\(node.readable)_\(index)",
                    depth: node.depth + 1
                )
                collect(element, child, into: &found)
            }
        }
    }

    private static func text(of json: JSON) -> String { json.number?.plainText ?? json.scalarText ?? json.text }
}
