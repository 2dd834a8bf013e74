import Git
import Model
import Synchronization

/// The plans that were made last. They follow from a few commits, which seldom change, but making one reads the repository.
final class PlanMemory: Sendable {
    /// All that a plan depends on.
    struct Key: Sendable, Hashable {
        var scope: Scope
        var layout: RepositorySettings.Layout
        var remote: String
        var pin: ObjectID?
        var defaultBranch: String?
        /// Of the default branch and of the stage's; nil for one that does not exist.
        var commits: [ObjectID?]
    }

    static let maximum = 256

    private let plans = Mutex<[Key: SnapshotPlan]>([:])

    subscript(key: Key) -> SnapshotPlan? {
        get { plans.withLock { $0[key] } }
        set {
            plans.withLock { plans in
                // All of them are soon there again.
                if plans.count >= Self.maximum { plans = [:] }
                plans[key] = newValue
            }
        }
    }
}
