/// The names of repositories, and of what is done with them.
enum Title {
    static let small = "small"
    static let references = "10,000 refs"
    static let files = "20,000 files"
    static let relay = "small, 30 ms away"
}

enum Action {
    static let unchanged = "unchanged"
    static let changed = "one changed commit"
    static let clone = "first clone"
    static let filteredClone = "first clone, filter offered"
    static let folder = "one service's folder on disk"
}
