import Basics
import Glibc

/// What runs of a service that was killed left running: its programs died with it, what these had started did not.
public enum LeftBehind {
    private static let environmentLimit = 4 << 20

    /// Ends all processes of runs whose home or temporary directory is beneath `directory`. Blocks for a moment.
    ///
    /// Only for who knows that no run is going on there.
    public static func end(beneath directory: String) {
        let marker = Array("\(Command.marker)=".utf8)
        let homes = ["HOME", "TMPDIR"].map { Array("\($0)=\(directory)/".utf8) }
        for pid in ((try? Files.list("/proc")) ?? []).compactMap({ pid_t($0) }) where pid != getpid() {
            // Processes of others cannot be read; they are none of ours.
            guard let environment = try? Files.read("/proc/\(pid)/environ", limit: environmentLimit) else { continue }
            let entries = environment.split(separator: 0)
            if entries.contains(where: { $0.starts(with: marker) }),
                entries.contains(where: { entry in homes.contains { entry.starts(with: $0) } })
            {
                kill(pid, SIGKILL)
            }
        }
    }
}
