/// A pattern for names: `*` stands for any text, `?` for one character; the case of letters is ignored.
struct Glob: Sendable, Hashable {
    private let pattern: [Character]

    init(_ pattern: String) { self.pattern = Array(pattern.uppercased()) }

    func matches(_ name: String) -> Bool {
        let name = Array(name.uppercased())
        var (p, n) = (0, 0)
        /// Where to go on if the last `*` has to stand for one character more.
        var retry: (p: Int, n: Int)?
        while n < name.count {
            if p < pattern.count, pattern[p] == "*" {
                retry = (p + 1, n)
                p += 1
            } else if p < pattern.count, pattern[p] == "?" || pattern[p] == name[n] {
                (p, n) = (p + 1, n + 1)
            } else if let last = retry {
                retry = (last.p, last.n + 1)
                (p, n) = (last.p, last.n + 1)
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == "*" }
    }
}
