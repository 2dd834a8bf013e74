import Model

/// A plan as lines for a terminal.
enum PlanText {
    static func lines(of plan: Plan, in snapshot: Snapshot) -> [String] {
        let files = plan.scripts.enumerated().map { "file \($0 + 1)  \(text(of: $1, in: snapshot))" }
        let shadowed = plan.shadowed.map { shadowed in
            "shadow  \(text(of: shadowed.script, in: snapshot)), by that of the \(shadowed.winner.level.rawValue) level"
        }
        guard files.isEmpty else { return files + shadowed }
        return ["no file was found; looked on each level for \(plan.lookedFor.joined(separator: ", "))"]
    }

    private static func text(of script: Script, in snapshot: Snapshot) -> String {
        "\(script.name)  \(script.level.rawValue) level, \(script.branch)@\(script.commit.prefix(12)): \(script.path(in: snapshot))"
    }
}

extension Script {
    /// The file's path inside its repository.
    func path(in snapshot: Snapshot?) -> String {
        let place = snapshot?.places.first { $0.level == level }?.path ?? ""
        return (place.isEmpty ? "" : "\(place)/") + "\(folder)/\(name)"
    }
}
