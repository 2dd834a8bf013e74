import Measuring

extension Mark {
    /// The marks of issue and documentation (docs/performance.md).
    static func all(_ figures: Figures) -> [Mark] {
        func ratio(_ repository: String, _ action: String, _ one: Measure.Contender, _ other: Measure.Contender) -> Double {
            figures.median(repository, action, one) / figures.median(repository, action, other)
        }
        var marks: [Mark] = []
        for contender in [Measure.Contender.refresh, .snapshot] {
            let name = contender.rawValue
            for repository in [Title.small, Title.references, Title.files] {
                let figure = ratio(repository, Action.unchanged, contender, .get)
                marks.append(Mark(title: "\(repository): unchanged \(name) / GET", figure: figure, limit: 1.2))
            }
            for repository in [Title.small, Title.references, Title.files] {
                let figure = ratio(repository, Action.unchanged, contender, .git)
                let title = "\(repository): unchanged \(name) / git"
                marks.append(Mark(title: title, figure: figure, limit: 0.15, note: "0.07 is as good as it gets"))
            }
            let relayed = ratio(Title.relay, Action.unchanged, contender, .get)
            marks.append(Mark(title: "\(Title.relay): unchanged \(name) / GET", figure: relayed, limit: 1.1))
            let growth =
                figures.median(Title.references, Action.unchanged, contender)
                / figures.median(Title.small, Action.unchanged, contender)
            marks.append(Mark(title: "unchanged \(name): \(Title.references) / \(Title.small)", figure: growth, limit: 1.1))
            for repository in [Title.small, Title.references, Title.files, Title.relay] {
                let figure = ratio(repository, Action.changed, contender, .git)
                marks.append(Mark(title: "\(repository): changed \(name) / git", figure: figure, limit: 0.45))
            }
        }
        for (action, limit) in [(Action.filteredClone, 0.5), (Action.clone, 1.4)] {
            let figure = ratio(Title.files, action, .snapshot, .git)
            marks.append(Mark(title: "\(Title.files): \(action) / git", figure: figure, limit: limit))
        }
        let folder = figures.median(Title.files, Action.folder, .snapshot)
        marks.append(Mark(title: "\(Title.files): \(Action.folder)", figure: folder, limit: 2, unit: "ms"))
        return marks
    }
}
