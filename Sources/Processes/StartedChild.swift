import Glibc
import Synchronization

/// A process that runs, and our ends of its pipes. Somebody has to reap `pid`.
final class StartedChild: Sendable {
    /// Also the id of its process group.
    let pid: pid_t
    /// Readable once the process has ended.
    let exit: CInt
    let output: CInt
    let errors: CInt
    /// Its cgroup, if it has one, until it is closed.
    var group: ControlGroup? { held.withLock { $0 } }
    /// The service's own peak of memory when it was started, in KiB.
    let memoryFloor: Int
    /// The value of ``Command/marker`` in its environment.
    let marker: String?
    private let held: Mutex<ControlGroup?>
    private let groups: ControlGroups?
    private let isClosed = Atomic(false)

    /// Takes over the descriptors and the group.
    init(
        pid: pid_t,
        exit: CInt,
        output: consuming Descriptor,
        errors: consuming Descriptor,
        group: (ControlGroups?, ControlGroup)?,
        memoryFloor: Int,
        marker: String?
    ) {
        self.pid = pid
        self.exit = exit
        self.output = output.release()
        self.errors = errors.release()
        held = Mutex(group?.1)
        self.memoryFloor = memoryFloor
        self.marker = marker
        groups = group?.0
    }

    deinit { close() }

    /// Closes all three now, not when the last reference happens to go: who waits for the end of a process may count on that.
    func close() {
        guard !isClosed.exchange(true, ordering: .relaxed) else { return }
        for descriptor in [exit, output, errors] { Glibc.close(descriptor) }
        // Not held any longer: who gets it back may remove it.
        if let group = held.withLock({ $0.take() }) { groups?.giveBack(group) }
    }
}
