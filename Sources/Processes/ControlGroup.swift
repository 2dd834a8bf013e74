import Basics
import Glibc
import Synchronization

/// A cgroup (version 2) of one run at a time: whatever the run starts stays in it, and is ended with it by one write.
/// See Documentation/admin-guide/cgroup-v2.rst.
final class ControlGroup: Sendable {
    let path: String
    /// Open on the directory, for the child that begins in it.
    let directory: CInt
    private let events: CInt
    /// Negative before Linux 5.14.
    private let kill: CInt
    /// Linux 6.12 to 6.18 at least end whatever is started by clone3 in a cgroup that was killed once before: it is not used again.
    private let hasKilled = Atomic(false)

    /// Makes the directory; with the limits, as far as the kernel's controllers are there.
    init(path: String, limits: ResourceLimits) throws(FileError) {
        guard mkdir(path, 0o755) == 0 else { throw FileError("create cgroup", path, errno: errno) }
        self.path = path
        var cause: CInt = 0
        // What comes after a failure fails, too; the first one says why.
        func opened(_ descriptor: CInt) -> CInt {
            if descriptor < 0, cause == 0 { cause = errno }
            return descriptor
        }
        directory = opened(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
        events = opened(openat(directory, "cgroup.events", O_RDONLY | O_CLOEXEC))
        let failure = cause
        kill = opened(openat(directory, "cgroup.kill", O_WRONLY | O_CLOEXEC))
        guard failure == 0, kill >= 0 || cause == ENOENT else {
            for descriptor in [directory, events, kill] where descriptor >= 0 { close(descriptor) }
            rmdir(path)
            throw FileError("use cgroup", path, errno: cause)
        }
        if let memory = limits.memory { Self.set("memory.max", to: memory, in: path) }
        if let processes = limits.processes { Self.set("pids.max", to: processes, in: path) }
    }

    deinit {
        for descriptor in [directory, events, kill] where descriptor >= 0 { close(descriptor) }
        rmdir(path)
    }

    /// Whether a process is in it.
    var isPopulated: Bool {
        var text = [UInt8](repeating: 0, count: 64)
        let count = pread(events, &text, text.count, 0)
        return count > 0 && String(decoding: text.prefix(count), as: UTF8.self).contains("populated 1")
    }

    /// Whether another run can have it.
    var isReusable: Bool { !hasKilled.load(ordering: .relaxed) && !isPopulated }

    /// SIGKILL to all that is in it, also to what is being started at this moment.
    func killAll() {
        hasKilled.store(true, ordering: .relaxed)
        guard kill >= 0 else { return Self.killEach(in: path) }
        var one = UInt8(ascii: "1")
        _ = write(kill, &one, 1)
    }

    /// The same one by one, for kernels that cannot do it at once: until nobody is left, or as often as may help against processes
    /// that beget others. Who asks will ask again.
    static func killEach(in path: String) {
        for _ in 0..<16 {
            let text = (try? Files.read("\(path)/cgroup.procs", limit: 1 << 20)) ?? []
            let processes = String(decoding: text, as: UTF8.self).split(separator: "\n").compactMap { pid_t($0) }.filter {
                $0 > 0
            }
            guard !processes.isEmpty else { return }
            for process in processes { Glibc.kill(process, SIGKILL) }
        }
    }

    private static func set(_ name: String, to value: Int, in path: String) {
        // There is no such file where the controller is not given to us.
        let file = open("\(path)/\(name)", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        defer { close(file) }
        try? Files.write(Array("\(value)".utf8), to: file)
    }
}
