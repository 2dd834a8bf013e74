import Basics

/// That a repository cannot be asked, since when, and when it is tried again.
struct RefreshFailure: Sendable {
    var error: RepoCacheError
    /// When it failed first after the last success.
    var since: WallTime
    /// nil: the next event asks.
    var heldUntil: WallTime?

    /// - Parameter since: the failure before this one, if there was no success between.
    init(_ error: RepoCacheError, since earlier: RefreshFailure?, hold: RefreshPolicy.Hold?) {
        self.error = error
        since = earlier?.since ?? .now
        heldUntil = hold.map { WallTime(seconds: WallTime.now.seconds + ($0.until - .now).seconds) }
    }
}
