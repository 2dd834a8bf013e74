import Synchronization

/// Lets the receiver of a program's output pause it: while the valve is closed nothing more is read, the pipe fills, and the
/// program waits in its next write. No other program waits with it.
///
/// One for each run of a ``Command``. What is in the pipe when the program's leader exits is read all the same, valve or not.
public final class OutputValve: Sendable {
    private struct State {
        var isClosed = false
        /// Set by who reads, while it does not: called once when the valve opens.
        var onOpen: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    public init() {}

    /// To be called from the receiver, while it takes a piece: that piece is the last one until ``open()``.
    public func close() { state.withLock { $0.isClosed = true } }

    /// From any thread; reading goes on.
    public func open() {
        let onOpen = state.withLock { state in
            state.isClosed = false
            defer { state.onOpen = nil }
            return state.onOpen
        }
        onOpen?()
    }

    public var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Whether to read on. If not, `onOpen` is called once when it is time.
    func isOpen(otherwise onOpen: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            if state.isClosed { state.onOpen = onOpen }
            return !state.isClosed
        }
    }
}
