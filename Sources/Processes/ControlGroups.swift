import Basics
import Glibc
import Synchronization

/// The cgroups that runs are given, made when they are needed and used again: making one costs more than starting a program.
public final class ControlGroups: Sendable {
    /// How many unused ones are kept.
    private static let spareLimit = 64
    static let prefix = "generic-executor-service."

    private static let counter = Atomic<Int>(0)

    private struct State {
        var spare: [ControlGroup] = []
        var count = 0
    }

    let base: String
    private let limits: ResourceLimits
    private let state = Mutex(State())

    /// Makes a directory for this process's cgroups beneath its own one, and ends what is left in those of processes that are gone.
    /// Blocks.
    ///
    /// - Returns: nil where the service may make none: no cgroup v2, or one that belongs to somebody else.
    public init?(limits: ResourceLimits) {
        guard let own = Self.own else { return nil }
        Self.sweep(own)
        // Two of one process, in tests, must not meet.
        base = "\(own)/\(Self.prefix)\(getpid())-\(Self.counter.add(1, ordering: .relaxed).newValue)"
        self.limits = limits
        guard mkdir(base, 0o755) == 0 else { return nil }
        if limits.memory != nil || limits.processes != nil { Self.delegate(from: own, to: base) }
        // One is made now, to learn whether it can be.
        guard let first = try? make() else {
            rmdir(base)
            return nil
        }
        state.withLock { $0.spare = [first] }
    }

    deinit { remove() }

    /// Removes the directories. Those in which something still runs stay, and are for the next start to end.
    public func remove() {
        // Now, not when the last reference happens to go: a directory with others in it cannot be removed.
        let spare = state.withLock { state in
            defer { state.spare = [] }
            return state.spare
        }
        for group in spare { rmdir(group.path) }
        rmdir(base)
    }

    func take() throws(StartError) -> ControlGroup {
        if let spare = state.withLock({ $0.spare.popLast() }) { return spare }
        do {
            return try make()
        } catch {
            throw StartError("create", "cgroup \(base)/...", errno: error.errno)
        }
    }

    /// Keeps the group for another run, or removes it. One in which something lives on goes at the next start.
    func giveBack(_ group: ControlGroup) {
        guard group.isReusable else { return }
        state.withLock { if $0.spare.count < Self.spareLimit { $0.spare.append(group) } }
    }

    private func make() throws(FileError) -> ControlGroup {
        let number = state.withLock { state in
            state.count += 1
            return state.count
        }
        return try ControlGroup(path: "\(base)/\(number)", limits: limits)
    }

    // MARK: Where we are

    /// The directory of this process's own cgroup; nil where there is no version 2, or nothing of it is ours.
    private static var own: String? {
        guard let mounts = try? Files.read("/proc/self/mountinfo", limit: 1 << 20),
            let groups = try? Files.read("/proc/self/cgroup", limit: 1 << 16),
            let mount = mountPoint(in: String(decoding: mounts, as: UTF8.self)),
            let path = path(in: String(decoding: groups, as: UTF8.self))
        else { return nil }
        let own = path == "/" ? mount : mount + path
        return Files.isDirectory(own) && Files.isWritable(own) ? own : nil
    }

    /// Where cgroup v2 is mounted, as `/proc/self/mountinfo` says (proc(5)): the fields after ` - ` begin with the type.
    static func mountPoint(in mounts: String) -> String? {
        for line in mounts.split(separator: "\n") {
            guard let separator = line.firstRange(of: " - "), line[separator.upperBound...].hasPrefix("cgroup2 ") else {
                continue
            }
            let fields = line.split(separator: " ")
            if fields.count > 4 { return String(fields[4]) }
        }
        return nil
    }

    /// The path of version 2 in `/proc/self/cgroup`: the line of hierarchy 0.
    static func path(in groups: String) -> String? {
        groups.split(separator: "\n").first { $0.hasPrefix("0::") }.map { String($0.dropFirst(3)) }
    }

    /// Asks for the controllers down to `base`. Where processes are in `own` itself (it is not the root), the kernel refuses; then
    /// limits are those of ``ResourceLimits`` alone.
    private static func delegate(from own: String, to base: String) {
        for directory in [own, base] {
            for controller in ["+memory", "+pids"] {
                let file = open("\(directory)/cgroup.subtree_control", O_WRONLY | O_CLOEXEC)
                guard file >= 0 else { continue }
                defer { close(file) }
                try? Files.write(Array(controller.utf8), to: file)
            }
        }
    }

    /// Ends what processes that were killed left in their cgroups.
    private static func sweep(_ own: String) {
        for name in (try? Files.list(own)) ?? [] where name.hasPrefix(prefix) {
            guard let pid = pid_t(name.dropFirst(prefix.count).prefix { $0 != "-" }), Glibc.kill(pid, 0) != 0, errno == ESRCH
            else { continue }
            let stale = "\(own)/\(name)"
            try? Files.write(Array("1".utf8), to: "\(stale)/cgroup.kill")
            for group in (try? Files.list(stale)) ?? [] where Files.isDirectory("\(stale)/\(group)") {
                ControlGroup.killEach(in: "\(stale)/\(group)")
                rmdir("\(stale)/\(group)")
            }
            rmdir(stale)
        }
    }
}
