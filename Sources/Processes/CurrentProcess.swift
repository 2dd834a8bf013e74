import CSpawn
import Synchronization

/// What this process does for its own protection, and to leave nothing behind.
public enum CurrentProcess {
    private static let adopts = Atomic(false)

    /// Keeps programs of the same user, the scripts that we start among them, from reading our environment and memory in `/proc`:
    /// the tokens of Git and of senders are there. No help against programs with CAP_SYS_PTRACE.
    public static func hide() {
        // It cannot fail with these arguments; if it did, a service that runs would still be better than none.
        _ = cspawn_hide()
    }

    /// Makes this process the parent of what its programs leave behind outside of their process groups, to end it with their run.
    ///
    /// For a process that starts programs by ``Command`` alone: it reaps and ends every child whose run is over or not known.
    public static func adoptOrphans() { adopts.store(cspawn_adopt_orphans() == 0, ordering: .relaxed) }

    static var adoptsOrphans: Bool { adopts.load(ordering: .relaxed) }
}
