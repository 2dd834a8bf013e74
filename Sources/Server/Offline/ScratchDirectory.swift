import Basics
import Executor
import Glibc

/// A directory for one offline command, removed with the value: it shares nothing with a service that runs beside it.
final class ScratchDirectory: Sendable {
    let path: String

    init() throws(FileError) {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        path = try Files.createUniqueDirectory("\(parent)/generic-executor-service-")
    }

    deinit { Files.removeTree(path) }
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
