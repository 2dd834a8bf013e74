import Basics
import Glibc

/// Decides which of the processes that we adopted are to be ended. Pure.
///
/// A process whose parent has ended becomes a child of this service (PR_SET_CHILD_SUBREAPER). It belongs to the run that is named
/// in its environment; one that has emptied its environment can belong to any run that was in hand when it was first seen, and is
/// ended when these are over.
struct Orphans {
    /// What could be learnt of an adopted process.
    struct Sighting: Hashable {
        var pid: pid_t
        /// The marker in its environment.
        var marker: String?
    }

    /// Of each process without a marker, the markers of the runs that it may belong to.
    private var suspects: [pid_t: Set<String>] = [:]
    /// Until when those that were told to end are waited for.
    private var patience: [pid_t: Deadline] = [:]

    /// - Parameters:
    ///   - found: all adopted processes that live.
    ///   - inHand: the markers of all runs that are going on.
    /// - Returns: those that nothing that goes on can have started.
    mutating func condemned(among found: [Sighting], inHand: Set<String>) -> [pid_t] {
        var next: [pid_t: Set<String>] = [:]
        var condemned: [pid_t] = []
        for sighting in found {
            if let marker = sighting.marker {
                if !inHand.contains(marker) { condemned.append(sighting.pid) }
                continue
            }
            let left = (suspects[sighting.pid] ?? inHand).intersection(inHand)
            if left.isEmpty { condemned.append(sighting.pid) }
            next[sighting.pid] = left
        }
        suspects = next
        return condemned
    }

    /// Whom the end of a run waits for. One that hangs in the kernel must not hold up all that come after it.
    ///
    /// - Parameters:
    ///   - condemned: those that are told to end, now or again.
    ///   - limit: how long one is waited for.
    /// - Returns: their markers, nil for one without.
    mutating func awaited(_ condemned: [Sighting], limit: Duration, now: ContinuousClock.Instant) -> Set<String?> {
        patience = condemned.reduce(into: [:]) { $0[$1.pid] = patience[$1.pid] ?? Deadline(now + limit) }
        return Set(condemned.filter { sighting in patience[sighting.pid].map { $0.instant > now } ?? true }.map(\.marker))
    }
}
