import Basics
import Executor
import Glibc

/// A directory for one offline command: it shares nothing with a service that runs beside it. Removed with the value at the latest;
/// a task that has just ended may hold that for longer than the process lives.
final class ScratchDirectory: Sendable {
    let path: String

    init() throws(FileError) {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        path = try Files.createUniqueDirectory("\(parent)/generic-executor-service-")
    }

    func remove() { Files.removeTree(path) }

    deinit { remove() }
}

extension ServiceConfiguration {
    /// How long a command tries to send an event: somebody waits for it.
    static let offlineDeliveryTimeout = Duration.seconds(30)

    /// The same configuration for one command: its clones and runs in a directory of its own, and no day-long deliveries.
    func kept(in scratch: ScratchDirectory) -> ServiceConfiguration {
        var configuration = self
        configuration.cacheDirectory = "\(scratch.path)/cache"
        configuration.dataDirectory = scratch.path
        configuration.executor.runsDirectory = "\(scratch.path)/runs"
        configuration.delivery.timeout = min(configuration.delivery.timeout, Self.offlineDeliveryTimeout)
        return configuration
    }
}
