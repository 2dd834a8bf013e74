import Git
import Model

/// What somebody wants to know of a repository.
struct Wish: Sendable, Hashable {
    /// A commit that an event names, to be proven to belong to its stage.
    struct Pin: Sendable, Hashable {
        var commit: ObjectID
        var stage: String?
    }

    /// The branches besides the default one.
    var branches: Set<String> = []
    /// The folders that are read before a new commit counts.
    var scopes: Set<Scope> = []
    var pins: Set<Pin> = []
    /// Asks although an earlier failure says that it is of no use.
    var isForced = false

    mutating func formUnion(_ other: Wish) {
        branches.formUnion(other.branches)
        scopes.formUnion(other.scopes)
        pins.formUnion(other.pins)
        isForced = isForced || other.isForced
    }
}

/// Who asks the repository when: one question in flight and one that waits.
///
/// Whoever comes while a question is in flight may not take its answer, which can be older than the push that caused the
/// event; all of them share the next one.
struct RefreshTurns: Sendable, Hashable {
    struct Turn: Sendable, Hashable {
        let id: Int
        var wish: Wish
    }

    private(set) var inFlight: Turn?
    private(set) var waiting: Turn?
    private var count = 0

    /// - Returns: the turn that answers the wish, and whether it is to be started now.
    mutating func join(_ wish: Wish) -> (id: Int, start: Turn?) {
        if waiting != nil {
            waiting?.wish.formUnion(wish)
            return (count, nil)
        }
        count += 1
        let turn = Turn(id: count, wish: wish)
        if inFlight == nil {
            inFlight = turn
            return (turn.id, turn)
        }
        waiting = turn
        return (turn.id, nil)
    }

    /// The turn in flight has ended.
    ///
    /// - Returns: the one to start now.
    mutating func landed() -> Turn? {
        inFlight = waiting
        waiting = nil
        return inFlight
    }
}
