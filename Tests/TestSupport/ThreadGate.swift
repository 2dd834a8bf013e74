import Glibc

/// Holds a thread, not a task, until it is opened.
public final class ThreadGate: @unchecked Sendable {
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    public init() { sem_init(semaphore, 0, 0) }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    public func wait() { while sem_wait(semaphore) != 0, errno == EINTR {} }
    public func open() { sem_post(semaphore) }
}
