/// Rows of text with columns as wide as they need to be; the first row is the heading.
public struct Table: CustomStringConvertible {
    private let rows: [[String]]
    private let left: Int

    /// - Parameters:
    ///   - rows: of the same length.
    ///   - left: how many columns are texts, set to the left; the others are numbers.
    public init(_ rows: [[String]], left: Int) {
        self.rows = rows
        self.left = left
    }

    /// Each figure, its mark, and whether it is met.
    public init(_ marks: [Mark]) {
        let verdicts = marks.map { mark in
            let unit = mark.unit.isEmpty ? "" : " " + mark.unit
            let limit = (mark.isLeast ? ">= " : "<= ") + Self.text(mark.limit) + unit
            return [mark.title, Self.text(mark.figure) + unit, limit, mark.isMet ? "met" : "MISSED", mark.note]
        }
        self.init([["mark", "figure", "wanted", "", ""]] + verdicts, left: 1)
    }

    public var description: String {
        let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).enumerated().map { column, cell in
                let (text, width) = cell
                let space = String(repeating: " ", count: width - text.count)
                return column < left ? text + space : space + text
            }
            return cells.joined(separator: "  ") + "\n"
        }.joined()
    }

    /// Three digits after the point for small numbers, two for others; "-" for none.
    public static func text(_ number: Double) -> String {
        guard number.isFinite else { return "-" }
        let digits = number < 0.1 ? 3 : 2
        let scale = digits == 3 ? 1_000.0 : 100
        let whole = Int((number * scale).rounded())
        let rest = String(whole % Int(scale))
        return "\(whole / Int(scale))." + String(repeating: "0", count: digits - rest.count) + rest
    }
}
