/// The figures as a person reads them.
struct Report: CustomStringConvertible {
    let figures: Figures
    let marks: [Mark]

    var description: String {
        var rows = [["repository", "measure", "by", "rounds", "median", "25 %", "75 %", "least", "most"]]
        for measure in figures.measures {
            let samples = figures[measure]
            let times = [0.5, 0.25, 0.75, 0, 1].map { Self.text(samples.quantile($0)) }
            let names = [measure.repository, measure.action, measure.contender.rawValue, "\(samples.milliseconds.count)"]
            rows.append(names + times)
        }
        var verdicts = [["mark", "figure", "at most", "", ""]]
        for mark in marks {
            let unit = mark.unit.isEmpty ? "" : " " + mark.unit
            verdicts.append(
                [
                    mark.title, Self.text(mark.figure) + unit, Self.text(mark.limit) + unit, mark.isMet ? "met" : "MISSED",
                    mark.note,
                ]
            )
        }
        return "All times in milliseconds.\n\n" + Self.table(rows, left: 3) + "\n" + Self.table(verdicts, left: 1)
    }

    /// Three digits after the point for small numbers, two for others.
    static func text(_ number: Double) -> String {
        guard number.isFinite else { return "-" }
        let digits = number < 0.1 ? 3 : 2
        let scale = digits == 3 ? 1_000.0 : 100
        let whole = Int((number * scale).rounded())
        let rest = String(whole % Int(scale))
        return "\(whole / Int(scale))." + String(repeating: "0", count: digits - rest.count) + rest
    }

    /// - Parameter left: how many columns are texts, set to the left; the others are numbers.
    private static func table(_ rows: [[String]], left: Int) -> String {
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
}
