public import Basics

/// Work that follows the end of a program. It goes straight from the thread that saw the end to one of a pool: a way through the
/// waiting task would cost more than the work.
public struct Aftermath: Sendable {
    private let pool: ThreadPool
    private let work: @Sendable () -> Void

    /// - Parameter work: may block. Left out if the pool can have no thread.
    public init(on pool: ThreadPool, _ work: @escaping @Sendable () -> Void) {
        self.pool = pool
        self.work = work
    }

    func begin(then done: @escaping @Sendable () -> Void) {
        pool.submit { [work] in
            work()
            done()
        } orFail: { _ in
            done()
        }
    }
}
