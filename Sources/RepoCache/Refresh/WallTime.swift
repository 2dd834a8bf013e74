import Glibc

/// Seconds since 1970, by the clock on the wall: what is kept over a restart.
struct WallTime: Sendable, Hashable, Comparable {
    var seconds: Double

    static var now: WallTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(seconds: Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9)
    }

    /// How long ago it was; zero if it lies in the future because the clock was set.
    var age: Duration { .seconds(max(0, min(WallTime.now.seconds - seconds, 1e9))) }

    /// Whether it was within `duration` before now. A moment in the future was not.
    func isWithin(_ duration: Duration) -> Bool { seconds <= WallTime.now.seconds && age < duration }

    static func < (left: WallTime, right: WallTime) -> Bool { left.seconds < right.seconds }
}
