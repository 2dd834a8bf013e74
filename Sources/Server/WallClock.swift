import Glibc

/// The time of day in milliseconds since 1970-01-01T00:00:00Z: what is kept over restarts needs it. It may jump, also back.
struct WallClock: Sendable {
    let now: @Sendable () -> Int64

    static let system = WallClock {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}
