import CSpawn

/// What this process does for its own protection.
public enum CurrentProcess {
    /// Keeps programs of the same user, the scripts that we start among them, from reading our environment and memory in `/proc`:
    /// the tokens of Git and of senders are there. No help against programs with CAP_SYS_PTRACE.
    public static func hide() {
        // It cannot fail with these arguments; if it did, a service that runs would still be better than none.
        _ = cspawn_hide()
    }
}
