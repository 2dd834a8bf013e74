import Glibc
import UnixSignals

/// Lets a person end a command that runs scripts or keeps files, and leaves neither behind.
enum Interruption {
    /// Runs `body`, and cancels it at the first SIGINT or SIGTERM: scripts are ended and files removed before it returns. The
    /// second one ends the process on the spot.
    static func cancelling<T: Sendable>(_ body: @escaping @Sendable () async throws -> T) async throws -> T {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let work = Task { try await body() }
        let watch = Task {
            for await _ in signals {
                if work.isCancelled { exit(130) }
                work.cancel()
            }
        }
        defer { watch.cancel() }
        return try await work.value
    }
}
