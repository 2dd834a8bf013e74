import Glibc

/// A lock with a condition to wait for, for threads of our own. Both need an address that stays: hence a class.
public final class Monitor: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    public init() {
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // The time of day can be set; waits must not follow it.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    public func withLock<T>(_ body: () -> T) -> T {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    /// Wakes one who waits.
    public func signal() { pthread_cond_signal(condition) }

    /// Wakes all who wait.
    public func broadcast() { pthread_cond_broadcast(condition) }

    /// Waits for a signal; only inside `withLock`. May return without one.
    public func wait() { pthread_cond_wait(condition, mutex) }

    /// Waits for a signal for at most `duration`; only inside `withLock`. May return earlier.
    public func wait(atMost duration: Duration) {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        // A day is long enough to look again.
        let (seconds, attoseconds) = min(max(duration, .zero), .seconds(86_400)).components
        let nanoseconds = Int64(time.tv_nsec) + attoseconds / 1_000_000_000
        time.tv_sec += Int(seconds) + Int(nanoseconds / 1_000_000_000)
        time.tv_nsec = Int(nanoseconds % 1_000_000_000)
        pthread_cond_timedwait(condition, mutex, &time)
    }
}
