import CloudEvents

@testable import Server

extension WallClock {
    /// The time of a clock that goes when it is told.
    init(_ clock: TestClock) { self.init { clock.now.seconds * 1_000 } }
}
