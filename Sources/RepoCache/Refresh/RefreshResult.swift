import Git

/// What a refresh brought.
struct RefreshResult: Sendable {
    var view: ProjectView
    var kind: RefreshRecord.Kind
    /// Branches whose new commits must not be used, and why; in the view they are where they were.
    var refusals: [String: GitError] = [:]
    /// Whether a new clone took the old one's place.
    var isNewClone = false
    /// What came of the pins. One without an entry belongs to a branch that does not exist, and so do its levels.
    var pins: [Wish.Pin: PinOutcome] = [:]
}

/// What came of the wish to use one commit.
enum PinOutcome: Sendable, Hashable {
    /// It belongs to its branch and is held.
    case proven
    case failed(GitError)
}
