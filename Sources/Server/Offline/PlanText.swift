import Model

/// A plan as lines for a terminal.
enum PlanText {
    static func lines(of plan: Plan) -> [String] {
        let files = plan.scripts.enumerated().map { "file \($0 + 1)  \(place(of: $1))" }
        let shadowed = plan.shadowed.map {
            "shadow  \(place(of: $0.script)), by \($0.winner.level.rawValue) level \($0.winner.name)"
        }
        guard files.isEmpty else { return files + shadowed }
        return ["no file was found; looked on each level for \(plan.lookedFor.joined(separator: ", "))"]
    }

    private static func place(of script: Script) -> String {
        "\(script.name)  \(script.level.rawValue) level, \(script.branch)@\(script.commit.prefix(12)), \(script.folder)/"
    }
}
