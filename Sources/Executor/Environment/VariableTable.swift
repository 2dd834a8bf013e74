/// Variables as they are collected, the most important first: of two with one name, the first stays.
struct VariableTable {
    /// What the kernel takes of one variable, `NAME=` included, without the NUL at its end.
    static let sizeLimit = 131_071
    /// All variables together; arguments and environment share about 2 MiB in the kernel.
    static let totalLimit = 1 << 20
    /// More than any event needs, and few enough for a shell, whose start takes the longer the more there are: 30 s with 47,000.
    static let countLimit = 10_000
    private static let noteLimit = 20

    private(set) var values: [String: String] = Dictionary(minimumCapacity: 128)
    /// Names that are taken by a value that had to be left out.
    private var lost: Set<String> = []
    private var indispensable: [String] = []
    private var leftOut: [String] = []
    /// How many values came after the table was full.
    private var late = 0

    /// Adds a value under all of `names` that are free.
    mutating func add(_ names: [String], _ value: String, isIndispensable: Bool = false) {
        var first: String?
        var problem: String?
        let hasNUL = value.utf8.contains(0)
        for name in names where VariableName.isPossible(name) {
            guard values[name] == nil, lost.isEmpty || !lost.contains(name) else { continue }
            guard values.count < Self.countLimit else {
                late += 1
                continue
            }
            if first == nil { first = name }
            if hasNUL {
                problem = "it holds a NUL"
                lost.insert(name)
            } else if Self.size(name, value) > Self.sizeLimit {
                problem = "with its name it has more than \(Self.sizeLimit) bytes"
                lost.insert(name)
            } else {
                values[name] = value
                if isIndispensable { indispensable.append(name) }
            }
        }
        if let first, let problem { leaveOut(first, problem) }
    }

    /// Leaves out the largest until the rest fits.
    mutating func fit() {
        if late > 0 { note("\(late) names are left out: there are more than \(Self.countLimit) variables") }
        // The pointer and the NUL of each count too: many small ones would not fit otherwise.
        var total = values.reduce(0) { $0 + Self.size($1.key, $1.value) + 9 }
        guard total > Self.totalLimit else { return }
        let candidates = values.keys.filter { !indispensable.contains($0) }
            .map { (name: $0, size: Self.size($0, values[$0] ?? "")) }
            .sorted { ($1.size, $0.name) < ($0.size, $1.name) }
        for (name, size) in candidates where total > Self.totalLimit {
            values[name] = nil
            total -= size + 9
            leaveOut(name, "all variables together have more than \(Self.totalLimit) bytes")
        }
    }

    /// Adds a line about what never became a variable.
    mutating func note(_ line: String) { leftOut.append(line) }

    /// A line about each variable that was left out.
    var notes: [String] {
        let more = leftOut.count - Self.noteLimit
        return leftOut.prefix(Self.noteLimit) + (more > 0 ? ["\(more) more variables are left out"] : [])
    }

    private mutating func leaveOut(_ name: String, _ reason: String) {
        let shown = name.unicodeScalars.prefix(80).map { $0.value < 0x20 || $0.value == 0x7F ? "?" : String($0) }.joined()
        leftOut.append("variable \(shown) is left out: \(reason)")
    }

    private static func size(_ name: String, _ value: String) -> Int { name.utf8.count + 1 + value.utf8.count }
}
