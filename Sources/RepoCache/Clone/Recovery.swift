import Git

/// What a killed process has left, made whole. Blocks.
enum Recovery {
    /// Which commits the branches are at: as the state says where the clone holds them, else as the clone's references say. It was
    /// killed between the two; both were verified before they were written.
    static func reconcile(_ view: ProjectView, with path: String) -> ProjectView {
        guard let repository = try? Repository(openingBare: path) else { return view }
        if (try? repository.isPartial()) == true { try? repository.markPacks() }
        var view = view
        for (branch, tip) in view.tips {
            guard let commit = tip.commit, !repository.contains(commit) else { continue }
            if let other = try? repository.branch(branch) { view.tips[branch]?.commit = other }
        }
        return view
    }
}
