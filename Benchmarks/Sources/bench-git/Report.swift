import Measuring

/// The figures as a person reads them.
struct Report: CustomStringConvertible {
    let figures: Figures
    let marks: [Mark]

    var description: String {
        var rows = [["repository", "measure", "by", "rounds", "median", "25 %", "75 %", "least", "most"]]
        for measure in figures.measures {
            let samples = figures[measure]
            let times = [0.5, 0.25, 0.75, 0, 1].map { Table.text(samples.quantile($0)) }
            let names = [measure.repository, measure.action, measure.contender.rawValue, "\(samples.values.count)"]
            rows.append(names + times)
        }
        return "All times in milliseconds.\n\n\(Table(rows, left: 3))\n\(Table(marks))"
    }
}
