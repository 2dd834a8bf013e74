public import Model
import Synchronization

/// Script folders on disk that stay as long as somebody holds this.
public final class SnapshotLease: Sendable {
    public let snapshot: Snapshot
    private let onRelease: Mutex<(@Sendable () -> Void)?>

    init(_ snapshot: Snapshot, onRelease: @escaping @Sendable () -> Void) {
        self.snapshot = snapshot
        self.onRelease = Mutex(onRelease)
    }

    deinit { release() }

    /// Gives the folders back; a second call does nothing.
    public func release() {
        let release = onRelease.withLock { $0.take() }
        release?()
    }
}
