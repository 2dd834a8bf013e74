import Model

/// Decides which runs go on and which wait. Pure: whoever asks is told which runs may begin.
///
/// A run stands in a lane: that of its project, stage and service where these have a limit, else that of its project where this has
/// one, else the one for all others. In the lane of a service the order of arrival counts; in the others, and between lanes, urgent
/// runs go first. A lane that is full holds up nobody else.
struct RunQueue {
    /// A place in a lane: smaller goes first.
    struct Priority: Sendable, Hashable, Comparable {
        let isUrgent: Bool
        let sequence: UInt64

        static func < (left: Priority, right: Priority) -> Bool {
            left.isUrgent == right.isUrgent ? left.sequence < right.sequence : left.isUrgent
        }
    }

    enum LaneID: Sendable, Hashable {
        case common
        case project(PlainName)
        case service(Scope)
    }

    struct Place: Sendable, Hashable {
        let lane: LaneID
        let project: PlainName?
        let priority: Priority
    }

    private struct Waiter {
        let priority: Priority
        /// In a strict lane, one that is not ready keeps all behind it waiting.
        var isReady: Bool
    }

    private struct Lane {
        var limit: Int?
        /// Whether nobody overtakes, however urgent.
        var isStrict = false
        var running = 0
        /// Sorted, the last one goes first.
        var waiters: [Waiter] = []

        /// Where a waiter of that priority is, or would be.
        func index(of priority: Priority) -> Int {
            var (low, high) = (0, waiters.count)
            while low < high {
                let middle = (low + high) / 2
                if goesFirst(priority, before: waiters[middle].priority) { low = middle + 1 } else { high = middle }
            }
            return low
        }

        private func goesFirst(_ priority: Priority, before other: Priority) -> Bool {
            isStrict ? priority.sequence < other.sequence : priority < other
        }

        mutating func insert(_ priority: Priority, isReady: Bool) {
            waiters.insert(Waiter(priority: priority, isReady: isReady), at: index(of: priority))
        }

        /// - Returns: whether it was there.
        mutating func remove(_ priority: Priority) -> Bool {
            let index = index(of: priority)
            guard index < waiters.count, waiters[index].priority == priority else { return false }
            waiters.remove(at: index)
            return true
        }
    }

    private let limit: Int
    private(set) var running = 0
    private var ready = 0
    private var lanes: [LaneID: Lane] = [:]
    private var projects: [PlainName: (limit: Int, running: Int)] = [:]

    /// - Parameter limit: of all runs together.
    init(limit: Int) { self.limit = limit }

    /// How many could begin if there were room.
    var waiting: Int { ready }

    /// Takes a place for a run that is not ready to begin. In a lane with a limit of its own nobody overtakes it.
    ///
    /// - Parameter priority: no other place has the same.
    mutating func enter(_ scope: Scope, _ priority: Priority, limits: RunLimits) -> Place {
        let isComplete = scope.project != nil && scope.stage != nil && scope.service != nil
        let lane: LaneID
        if limits.perService > 0, isComplete {
            lane = .service(scope)
        } else if let project = scope.project, limits.perProject != nil {
            lane = .project(project)
        } else {
            lane = .common
        }
        if case .service = lane {
            lanes[lane, default: Lane(limit: limits.perService, isStrict: true)].insert(priority, isReady: false)
        }
        if let project = scope.project, let limit = limits.perProject, projects[project] == nil { projects[project] = (limit, 0) }
        return Place(lane: lane, project: limits.perProject == nil ? nil : scope.project, priority: priority)
    }

    /// The run of that place could begin.
    mutating func makeReady(_ place: Place) {
        ready += 1
        var lane = lanes[place.lane] ?? Lane()
        if case .service = place.lane {
            let index = lane.index(of: place.priority)
            lane.waiters[index].isReady = true
        } else {
            lane.insert(place.priority, isReady: true)
        }
        lanes[place.lane] = lane
    }

    /// Gives a place up, ready or not, whose run has not begun.
    mutating func leave(_ place: Place, wasReady: Bool) {
        guard lanes[place.lane]?.remove(place.priority) == true else { return }
        if wasReady { ready -= 1 }
        drop(place.lane)
    }

    /// The run of that place is over.
    mutating func finish(_ place: Place) {
        running -= 1
        lanes[place.lane]?.running -= 1
        if let project = place.project { projects[project]?.running -= 1 }
        drop(place.lane)
    }

    /// The next run that begins, which counts as running from now on; nil if none may.
    mutating func next() -> Priority? {
        guard running < limit, ready > 0 else { return nil }
        var best: (id: LaneID, priority: Priority)?
        for (id, lane) in lanes {
            guard let waiter = lane.waiters.last, waiter.isReady, lane.running < lane.limit ?? .max, hasRoom(id) else { continue }
            if best.map({ waiter.priority < $0.priority }) ?? true { best = (id, waiter.priority) }
        }
        guard let best else { return nil }
        lanes[best.id]?.waiters.removeLast()
        lanes[best.id]?.running += 1
        if let project = project(of: best.id) { projects[project]?.running += 1 }
        ready -= 1
        running += 1
        return best.priority
    }

    private func hasRoom(_ lane: LaneID) -> Bool {
        guard let project = project(of: lane).flatMap({ projects[$0] }) else { return true }
        return project.running < project.limit
    }

    private func project(of lane: LaneID) -> PlainName? {
        switch lane {
        case .common: nil
        case .project(let name): name
        case .service(let scope): scope.project
        }
    }

    /// An empty lane is forgotten: names come from senders.
    private mutating func drop(_ id: LaneID) {
        guard let lane = lanes[id], lane.running == 0, lane.waiters.isEmpty else { return }
        lanes[id] = nil
        // A project has a limit only where the configuration names it: these are few and stay.
    }
}
