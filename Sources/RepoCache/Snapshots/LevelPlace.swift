import Git
import Model

/// One level before it is on disk: which commit, and where in its tree.
struct LevelPlace: Sendable, Hashable {
    var level: Level
    var branch: String
    var commit: ObjectID
    /// The parts of the path inside the commit's tree; none for the root.
    var path: [String]

    /// For messages: "dev at 1a2b3c4d5e6f".
    var origin: String { "\(branch) at \(commit.abbreviated)" }
}
