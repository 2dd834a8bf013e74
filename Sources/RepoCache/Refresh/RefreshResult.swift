import Git

/// What a refresh brought.
struct RefreshResult: Sendable {
    var view: ProjectView
    /// What came of the pins. One without an entry belongs to a branch that does not exist, and so do its levels.
    var pins: [Wish.Pin: PinOutcome] = [:]
}

/// What came of the wish to use one commit.
enum PinOutcome: Sendable, Hashable {
    /// It belongs to its branch and is held.
    case proven
    case failed(GitError)
}

extension GitError {
    static func unreachable(_ commit: ObjectID, from branch: String, of remote: String) -> GitError {
        GitError(
            .notFound,
            "use commit \(commit.abbreviated)",
            "it is not among the last \(RefreshLimits.history) commits of branch \(branch) of \(remote)"
        )
    }
}

/// How long the parts of a refresh may take. They end the refresh, not the wait of a caller, who has a deadline of its own.
enum RefreshLimits {
    static let question = Duration.seconds(10)
    static let fetch = Duration.seconds(60)
    static let clone = Duration.seconds(600)
    /// Reading and writing the local repository.
    static let disk = Duration.seconds(60)
    /// How many commits of a branch are searched for a commit that an event names.
    static let history = 1_000
}
