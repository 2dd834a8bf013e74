import Git
import Model

/// Which levels an event has, and at which commits: a decision about values, nothing is read.
struct SnapshotPlan: Sendable, Hashable {
    /// In order: service, stage, project.
    var places: [LevelPlace] = []
    var warnings: [String] = []

    /// - Parameters:
    ///   - pin: the commit of service and stage level, in the directory layout of all levels; proven to belong there.
    init(_ scope: Scope, layout: StageLayout, view: ProjectView, pin: ObjectID?) {
        switch layout {
        case .branches: addBranches(scope, view, pin)
        case .directories: addDirectories(scope, view, pin)
        }
    }

    private mutating func addBranches(_ scope: Scope, _ view: ProjectView, _ pin: ObjectID?) {
        if let stage = scope.stage?.text {
            if let commit = pin ?? view.commit(of: stage) {
                if let service = scope.service?.text { add(.service, stage, commit, [service]) }
                add(.stage, stage, commit, [])
            } else {
                warnings.append("stage \(stage) has no branch in \(view.remote): only the project's scripts are looked at")
            }
        }
        guard let branch = view.defaultBranch, let commit = view.commit(of: branch) else { return warnOfDefaultBranch(view) }
        add(.project, branch, commit, [])
    }

    private mutating func addDirectories(_ scope: Scope, _ view: ProjectView, _ pin: ObjectID?) {
        guard let branch = view.defaultBranch, let commit = pin ?? view.commit(of: branch) else {
            return warnOfDefaultBranch(view)
        }
        if let stage = scope.stage?.text {
            let path = [StageLayout.directory, stage]
            if let service = scope.service?.text { add(.service, branch, commit, path + [service]) }
            add(.stage, branch, commit, path)
        }
        add(.project, branch, commit, [])
    }

    private mutating func add(_ level: Level, _ branch: String, _ commit: ObjectID, _ path: [String]) {
        places.append(LevelPlace(level: level, branch: branch, commit: commit, path: path))
    }

    private mutating func warnOfDefaultBranch(_ view: ProjectView) {
        let reason =
            view.defaultBranch.map { "its default branch \($0) does not exist; set GIT_DEFAULT_BRANCH" }
            ?? "its HEAD names no branch; set GIT_DEFAULT_BRANCH"
        warnings.append("\(view.remote) has no project scripts: \(reason)")
    }
}
