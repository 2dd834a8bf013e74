/// Why a `.http` file cannot be sent: one sentence, with the line where it went wrong. It shows names, never values.
struct HTTPFileError: Error, Hashable, CustomStringConvertible {
    /// Counted from 1.
    let line: Int?
    let reason: String

    init(_ reason: String, line: Int? = nil) {
        self.line = line
        self.reason = reason
    }

    var description: String { line.map { "line \($0): \(reason)" } ?? reason }
}
