import Basics
import CSpawn
import Glibc
import Synchronization

/// Watches all children of the service on one thread: their exits through pidfds, their pipes, their deadlines.
///
/// `children` belongs to that thread. Others leave their wishes in `inbox`, and ring where the thread would sleep too long; the two
/// descriptors never change.
final class ChildMonitor: @unchecked Sendable {
    private enum Wish: Sendable {
        case watch(id: UInt64, WatchedChild, StopRequest)
        case stop(id: UInt64)
        case resume(id: UInt64)
    }

    private struct Inbox {
        var wishes: [Wish] = []
        /// When the thread looks here again by itself; nil: not before something happens.
        var nextLook: Deadline?
        /// The markers of children that are being started, or wait here to be watched: what they start may be adopted before.
        var announced: [UInt64: String] = [:]
    }

    /// What an event's number says beside the child's id: two bits.
    private enum Source: UInt64, CaseIterable {
        case exit = 0
        case standardOutput = 1
        case standardError = 2
    }

    private static let instance = Mutex<ChildMonitor?>(nil)
    private static let bell = UInt64.max
    /// The most that is read of a pipe before the others have their turn.
    private static let readLimit = 1 << 18
    /// How long what a run left behind may take to end; then the run is reported all the same.
    private static let leavingLimit = Duration.seconds(1)
    /// What is left behind is looked for at the end of a run, and in between: processes that ended must be reaped.
    private static let sweepInterval = Duration.seconds(1)
    /// How soon it is looked again whether what was told to end is gone.
    private static let leavingPause = Duration.milliseconds(2)
    /// The same while there is more to do: what is left behind may beget others faster than it is ended.
    private static let sweepPause = Duration.milliseconds(10)

    private let epoll: Descriptor
    private let doorbell: Descriptor
    private let inbox = Mutex(Inbox())
    private let lastID = Atomic<UInt64>(0)
    private var children: [UInt64: WatchedChild] = [:]
    /// Children whose leader is gone, but not all that it started, until when that is waited for.
    private var leaving: [(child: WatchedChild, limit: Deadline)] = []
    /// Those that were reported before they could be reaped.
    private var unreaped: [WatchedChild] = []
    private var orphans = OrphanReaper(limit: leavingLimit)
    private var nextSweep = Deadline(.now)
    /// No alarm of a child is before this.
    private var nextAlarm: Deadline?
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)

    /// The monitor of this process, made on first use.
    static func shared() throws(StartError) -> ChildMonitor {
        try instance.withLock { existing throws(StartError) in
            if let existing { return existing }
            let monitor = try ChildMonitor()
            try monitor.startThread()
            existing = monitor
            return monitor
        }
    }

    private init() throws(StartError) {
        let epoll = epoll_create1(CInt(EPOLL_CLOEXEC))
        guard epoll >= 0 else { throw StartError("make", "an epoll descriptor", errno: errno) }
        self.epoll = Descriptor(epoll)
        let doorbell = eventfd(0, CInt(EFD_CLOEXEC | EFD_NONBLOCK))
        guard doorbell >= 0 else { throw StartError("make", "an event descriptor", errno: errno) }
        self.doorbell = Descriptor(doorbell)
        guard add(doorbell, as: Self.bell) else { throw StartError("watch", "an event descriptor", errno: errno) }
    }

    private func startThread() throws(StartError) {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self).toOpaque()
        let status = pthread_create(&thread, nil, childMonitorMain, context)
        guard status == 0 else {
            Unmanaged<ChildMonitor>.fromOpaque(context).release()
            throw StartError("start", "the thread that watches processes", errno: status)
        }
        pthread_detach(thread)
    }

    // MARK: From any thread

    func makeID() -> UInt64 { lastID.add(1, ordering: .relaxed).newValue }

    /// A child is about to be started: what has this marker is not to be ended.
    func announce(_ marker: String?, id: UInt64) {
        guard let marker else { return }
        inbox.withLock { $0.announced[id] = marker }
    }

    /// It could not be started.
    func withdraw(_ id: UInt64) { inbox.withLock { $0.announced[id] = nil } }

    /// Hands a child over. Its continuation is resumed when it has ended, with everything that it wrote before delivered.
    ///
    /// - Parameter stop: made before, if the child is to be ended at once.
    func watch(_ child: WatchedChild, id: UInt64, stop: StopRequest) {
        // Added by this thread: to wake the other one for it would cost more. It takes the wishes before the events, and those under
        // the lock, so that it knows each child that it hears of.
        let (isAdded, needsBell) = inbox.withLock { inbox -> (Bool, Bool) in
            guard add(child, id: id) else {
                inbox.announced[id] = nil
                return (false, false)
            }
            inbox.wishes.append(.watch(id: id, child, stop))
            guard let alarm = child.lifecycle.alarm, let look = inbox.nextLook else { return (true, true) }
            return (true, alarm < look || stop.wasMade)
        }
        if !isAdded { child.fail(StartError("watch", "process \(child.started.pid)", errno: errno)) }
        if needsBell { ring() }
    }

    /// Ends a child: SIGTERM, grace, SIGKILL. Without effect on one that is not watched or has ended.
    func stop(_ id: UInt64) { leave(.stop(id: id)) }

    private func leave(_ wish: Wish) {
        inbox.withLock { $0.wishes.append(wish) }
        ring()
    }

    private func ring() {
        var one: UInt64 = 1
        _ = write(doorbell.raw, &one, MemoryLayout.size(ofValue: one))
    }

    // MARK: On the monitor's thread

    fileprivate func run() {
        setThreadName("child-monitor")
        var events = [epoll_event](repeating: epoll_event(), count: 64)
        while true {
            let count = epoll_wait(epoll.raw, &events, CInt(events.count), millisecondsToNextLook())
            takeWishes()
            for event in events.prefix(max(Int(count), 0)) { handle(event.data.u64) }
            ringAlarms()
            if !leaving.isEmpty || (isSweepDue && nextSweep.hasPassed) { sweep() }
        }
    }

    /// As long as something runs or was left behind, there may be something to reap.
    private var isSweepDue: Bool { !children.isEmpty || !unreaped.isEmpty || orphans.hasAdopted }

    private func ringAlarms() {
        guard nextAlarm?.hasPassed == true else { return }
        for id in children.keys { advance(id, with: .timePassed) }
        nextAlarm = children.values.compactMap(\.lifecycle.alarm).min()
    }

    /// Ends what runs left behind outside of their group, and reports the runs that nothing is left of.
    private func sweep() {
        let orphansLeft = orphans.sweep(inHand: markersInHand)
        nextSweep = .after(!orphansLeft.isEmpty || orphans.isBehind ? Self.sweepPause : Self.sweepInterval)
        leaving.removeAll { child, limit in
            child.reap()
            // One that does not say whose it is may be anybody's.
            let isAlone = !child.isLeavingSomething() && !orphansLeft.contains(child.marker) && !orphansLeft.contains(nil)
            let isDone = limit.hasPassed || (isAlone && child.isReaped)
            if isDone { child.report() }
            if isDone, !child.isReaped { unreaped.append(child) }
            return isDone
        }
        unreaped.removeAll { child in
            child.reap()
            if child.isReaped { child.report() }
            return child.isReaped
        }
    }

    /// The markers of the runs that are going on, or about to.
    private var markersInHand: Set<String> {
        let announced = inbox.withLock { Array($0.announced.values) }
        return Set(children.values.compactMap(\.marker)).union(announced)
    }

    private func handle(_ number: UInt64) {
        guard number != Self.bell else { return answerBell() }
        // A child that ended earlier in the same batch is not there any more.
        guard let child = children[number >> 2], let source = Source(rawValue: number & 3) else { return }
        switch source {
        case .exit: advance(number >> 2, with: .leaderExited)
        case .standardOutput:
            if !child.read(.standardOutput, limit: Self.readLimit, into: buffer) { remove(child.started.output) }
        case .standardError:
            if !child.read(.standardError, limit: Self.readLimit, into: buffer) { remove(child.started.errors) }
        }
        if source != .exit { pauseIfAsked(child, id: number >> 2) }
    }

    /// Reads no more of a child whose receiver has enough, until it opens its valve.
    private func pauseIfAsked(_ child: WatchedChild, id: UInt64) {
        guard let valve = child.valve, !valve.isOpen(otherwise: { self.leave(.resume(id: id)) }) else { return }
        remove(child.started.output)
        remove(child.started.errors)
    }

    private func resume(_ id: UInt64) {
        guard let child = children[id], !child.isReported else { return }
        // One of the two may have ended; watched again, it tells so again.
        _ = add(child.started.output, as: id << 2 | Source.standardOutput.rawValue)
        _ = add(child.started.errors, as: id << 2 | Source.standardError.rawValue)
    }

    private func answerBell() {
        var count: UInt64 = 0
        _ = read(doorbell.raw, &count, MemoryLayout.size(ofValue: count))
        // What was left since the others were taken had its ring taken away just now.
        takeWishes()
    }

    private func takeWishes() {
        let wishes = inbox.withLock { inbox in
            defer { inbox.wishes = [] }
            // From here on it is among `children`: nobody looks for its marker in between.
            for case .watch(let id, _, _) in inbox.wishes { inbox.announced[id] = nil }
            return inbox.wishes
        }
        for wish in wishes {
            switch wish {
            case .watch(let id, let child, let stop):
                children[id] = child
                noteAlarm(of: child)
                // A cancellation that came before found nobody to stop.
                if stop.wasMade { advance(id, with: .stopRequested) }
            case .stop(let id): advance(id, with: .stopRequested)
            case .resume(let id): resume(id)
            }
        }
    }

    private func noteAlarm(of child: WatchedChild) {
        guard let alarm = child.lifecycle.alarm else { return }
        nextAlarm = nextAlarm.map { min($0, alarm) } ?? alarm
    }

    private func advance(_ id: UInt64, with event: ChildLifecycle.Event) {
        guard let child = children[id], let action = child.lifecycle.handle(event, at: .now) else { return }
        noteAlarm(of: child)
        switch action {
        case .terminateGroup:
            child.signalGroup(SIGTERM)
            // One that was stopped would learn of it only when somebody lets it go on.
            child.signalGroup(SIGCONT)
        case .killGroup: child.signalGroup(SIGKILL)
        case .abandon:
            remove(child.started.output)
            remove(child.started.errors)
            child.report()
        case .finish, .reap: end(child, id)
        }
    }

    private func end(_ child: WatchedChild, _ id: UInt64) {
        children[id] = nil
        // Not by closing them: children that are just being started hold copies, and would keep waking us.
        for descriptor in [child.started.exit, child.started.output, child.started.errors] { remove(descriptor) }
        child.finish(buffer: buffer)
        leaving.append((child, .after(Self.leavingLimit)))
        sweep()
    }

    private func add(_ child: WatchedChild, id: UInt64) -> Bool {
        let descriptors = [child.started.exit, child.started.output, child.started.errors]
        for (descriptor, source) in zip(descriptors, Source.allCases) where !add(descriptor, as: id << 2 | source.rawValue) {
            let error = errno
            descriptors.forEach(remove)
            errno = error
            return false
        }
        return true
    }

    private func add(_ descriptor: CInt, as number: UInt64) -> Bool {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.u64 = number
        return epoll_ctl(epoll.raw, EPOLL_CTL_ADD, descriptor, &event) == 0
    }

    private func remove(_ descriptor: CInt) { epoll_ctl(epoll.raw, EPOLL_CTL_DEL, descriptor, nil) }

    /// How long to sleep, which is noted for those who leave a wish; -1: until something happens. Rounded up, so that an alarm is due
    /// when its wait is over.
    private func millisecondsToNextLook() -> CInt {
        let next = leaving.isEmpty ? (isSweepDue ? min(nextAlarm ?? nextSweep, nextSweep) : nextAlarm) : .after(Self.leavingPause)
        return inbox.withLock { inbox in
            inbox.nextLook = next
            guard inbox.wishes.isEmpty else { return 0 }
            guard let next else { return -1 }
            return CInt(min(next.remaining.seconds * 1_000 + 1, 3_600_000))
        }
    }
}

/// A C callback must not be a closure in isolated code: Swift would check for an executor that a bare thread does not have.
private func childMonitorMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    Unmanaged<ChildMonitor>.fromOpaque(context).takeRetainedValue().run()
    return nil
}
