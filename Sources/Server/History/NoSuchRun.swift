import Basics

/// The history has no run of that id.
public struct NoSuchRun: Error, Hashable, CustomStringConvertible {
    public let description: String

    init(_ id: String) {
        description = "there is no run '\(id.printable)' in the history; `runs list` shows those that there are"
    }
}
