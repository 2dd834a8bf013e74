/// How scripts are kept from files that are not theirs (`SCRIPT_SANDBOX`).
enum ScriptSandbox: String, Sendable, CaseIterable {
    /// By their user's rights alone.
    case none
    /// By the kernel's Landlock as well.
    case landlock

    /// Where a system keeps what programs need: `SCRIPT_READ`, unless it is set. Not among them are `/home`, `/root`, `/run/secrets`
    /// and `/var`, where others keep their data.
    static let systemRoots = [
        "/bin", "/sbin", "/usr", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/etc", "/proc", "/sys", "/dev/random",
        "/dev/urandom", "/run/resolvconf", "/run/systemd/resolve", "/var/lib/ca-certificates",
    ]
    /// What is written to without leaving anything behind: `SCRIPT_WRITE`, unless it is set.
    static let devices = ["/dev/null", "/dev/zero", "/dev/full", "/dev/tty"]
}
