import Basics
import Glibc

/// Ends and reaps the processes that runs leave behind outside of their process group. Belongs to the monitor's thread.
final class OrphanReaper {
    /// The most environments that are read in a row: a bomb of processes must not keep the monitor from everything else.
    private static let batch = 512
    private static let environmentLimit = 4 << 20
    /// The most bytes of the kernel's list that are read in a row.
    private static let listLimit = 1 << 20

    /// The kernel's list of the children of our first thread: orphans go to it, while what we start ourselves belongs to the thread
    /// that did. Negative where there is no such list; never closed, as there is one reaper in a process.
    private lazy var descriptor = open("/proc/self/task/\(getpid())/children", O_RDONLY | O_CLOEXEC)
    private var chunk = [UInt8](repeating: 0, count: 8_192)
    private var orphans = Orphans()
    /// What is known of those that live. What they say of themselves later does not count: they may say anything.
    private var known: [pid_t: Orphans.Sighting] = [:]
    /// Whether there was something to reap or to end when it was last looked for.
    private(set) var hasAdopted = false
    /// Whether not all of it had its turn.
    private(set) var isBehind = false
    private let limit: Duration

    /// - Parameter limit: how long the end of a run waits for one that was told to end.
    init(limit: Duration) { self.limit = limit }

    /// Reaps what has ended, and kills what nothing that goes on has started.
    ///
    /// - Parameter inHand: the markers of the runs that are going on.
    /// - Returns: the markers of those that were told to end and are left, nil for one without; see ``Orphans``.
    func sweep(inHand: @autoclosure () -> Set<String>) -> Set<String?> {
        let adopted = adopted()
        hasAdopted = !adopted.isEmpty
        isBehind = false
        guard !adopted.isEmpty else {
            known = [:]
            orphans = Orphans()
            return []
        }
        var read = 0
        var sightings: [pid_t: Orphans.Sighting] = [:]
        // We are the parent: until it is reaped here, its number is nobody else's.
        for pid in adopted where waitpid(pid, nil, WNOHANG) == 0 {
            if let sighting = known[pid] {
                sightings[pid] = sighting
            } else if read < Self.batch {
                read += 1
                sightings[pid] = Orphans.Sighting(pid: pid, marker: Self.marker(of: pid))
            } else {
                isBehind = true
            }
        }
        known = sightings
        let condemned = orphans.condemned(among: Array(sightings.values), inHand: inHand())
        for pid in condemned { kill(pid, SIGKILL) }
        return orphans.awaited(condemned.compactMap { sightings[$0] }, limit: limit, now: .now)
    }

    /// Processes whose parent has become this one.
    private func adopted() -> [pid_t] {
        guard CurrentProcess.adoptsOrphans, descriptor >= 0 else { return [] }
        var text: [UInt8] = []
        while text.count < Self.listLimit {
            let count = pread(descriptor, &chunk, chunk.count, off_t(text.count))
            guard count > 0 else { break }
            text += chunk.prefix(count)
        }
        guard !text.isEmpty else { return [] }
        // Each number has a space after it; one that was cut off has its turn when the others are gone.
        let whole = text[..<(text.lastIndex(of: UInt8(ascii: " ")) ?? 0)]
        return String(decoding: whole, as: UTF8.self).split(separator: " ").compactMap { pid_t($0) }
    }

    /// The value of ``Command/marker`` in a process's environment.
    private static func marker(of pid: pid_t) -> String? {
        guard let environment = try? Files.read("/proc/\(pid)/environ", limit: environmentLimit) else { return nil }
        let prefix = Array("\(Command.marker)=".utf8)
        let entry = environment.split(separator: 0).first { $0.starts(with: prefix) }
        return entry.map { String(decoding: $0.dropFirst(prefix.count), as: UTF8.self) }
    }
}
