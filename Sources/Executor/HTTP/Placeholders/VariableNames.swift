/// Finds the longest known name that a text begins with. A list of names takes no more memory than the names: events may hold
/// very many, and many `.http` files may run at once.
struct VariableNames: Sendable {
    /// By name as it is written and, unless another one is written so, in upper case.
    private var values: [String: String]
    /// The names as bytes, in the order of these.
    private let sorted: [[UInt8]]

    /// - Parameter variables: names that are longer than any placeholder do not count.
    init(_ variables: [String: String]) {
        values = variables.filter { !$0.key.isEmpty && $0.key.utf8.count <= PlaceholderScanner.maximumLength }
        // In order, so that of two names that differ in case alone it is always the same one that wins.
        for (name, value) in values.sorted(by: { $0.key < $1.key }) where values[name.uppercased()] == nil {
            values[name.uppercased()] = value
        }
        sorted = values.keys.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// The value of exactly that name.
    subscript(name: String) -> String? { values[name] }

    /// The longest name that `bytes` begin with, as its length and its value.
    func longestMatch(_ bytes: ArraySlice<UInt8>) -> (length: Int, value: String)? {
        var text = bytes.prefix(PlaceholderScanner.maximumLength)
        while let name = lastName(upTo: text) {
            let common = zip(name, text).prefix { $0 == $1 }.count
            if common == name.count { return values[String(decoding: name, as: UTF8.self)].map { (common, $0) } }
            // A name that has more in common with the text would sort between the two.
            text = text.prefix(common)
        }
        return nil
    }

    /// The last of the names that do not sort after `text`.
    private func lastName(upTo text: ArraySlice<UInt8>) -> [UInt8]? {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if text.lexicographicallyPrecedes(sorted[middle]) { high = middle } else { low = middle + 1 }
        }
        return low > 0 ? sorted[low - 1] : nil
    }
}
