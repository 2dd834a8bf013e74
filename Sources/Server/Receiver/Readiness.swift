import Synchronization

/// Whether events are taken, and if not, why.
final class Readiness: Sendable {
    static let starting = "the service is starting"

    private let state = Mutex<String?>(Readiness.starting)

    init() {}

    /// Why the service is not ready; nil when it is.
    var reason: String? { state.withLock { $0 } }

    func set(_ reason: String?) { state.withLock { $0 = reason } }
}
