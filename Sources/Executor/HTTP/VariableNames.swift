/// Finds the longest known name that a text begins with, in time proportional to that name.
struct VariableNames: Sendable {
    private struct Node: Sendable {
        var next: [UInt8: Int] = [:]
        var value: String?
    }

    private var nodes = [Node()]

    /// Each name is known as it is written and, unless another one is written so, in upper case.
    init(_ variables: [String: String]) {
        for (name, value) in variables { insert(name, value) }
        // In order, so that of two names that differ in case alone it is always the same one that wins.
        for name in variables.keys.sorted() where variables[name.uppercased()] == nil {
            guard self[name.uppercased()] == nil, let value = variables[name] else { continue }
            insert(name.uppercased(), value)
        }
    }

    /// The value of exactly that name.
    subscript(name: String) -> String? {
        var node = 0
        for byte in name.utf8 {
            guard let next = nodes[node].next[byte] else { return nil }
            node = next
        }
        return nodes[node].value
    }

    /// The longest name that `bytes` begin with, as its length and its value.
    func longestMatch(_ bytes: ArraySlice<UInt8>) -> (length: Int, value: String)? {
        var node = 0
        var length = 0
        var best: (Int, String)?
        for byte in bytes {
            guard let next = nodes[node].next[byte] else { break }
            node = next
            length += 1
            if let value = nodes[node].value { best = (length, value) }
        }
        return best
    }

    private mutating func insert(_ name: String, _ value: String) {
        guard !name.isEmpty else { return }
        var node = 0
        for byte in name.utf8 {
            if let next = nodes[node].next[byte] {
                node = next
            } else {
                nodes.append(Node())
                nodes[node].next[byte] = nodes.count - 1
                node = nodes.count - 1
            }
        }
        nodes[node].value = value
    }
}
