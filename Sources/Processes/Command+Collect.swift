public import Basics
import Synchronization

/// What a program wrote, and how it ended.
public struct CollectedOutput: Sendable {
    public var exit: ProcessExit
    public var standardOutput: HeadTailBuffer
    public var standardError: HeadTailBuffer
}

extension Command {
    /// Runs the program and keeps what it writes.
    ///
    /// - Parameter limit: bytes to keep of each of the two streams, from the beginning and the end. The rest is read and dropped.
    /// - Throws: as ``run(until:grace:onOutput:)``.
    public func collect(
        until deadline: Deadline,
        grace: Duration = .seconds(5),
        limit: Int = 1 << 20
    ) async throws -> CollectedOutput {
        let output = Mutex(HeadTailBuffer(limit: limit))
        let errors = Mutex(HeadTailBuffer(limit: limit))
        let exit = try await run(until: deadline, grace: grace) { chunk in
            switch chunk.stream {
            case .standardOutput: output.withLock { $0.append(chunk.bytes) }
            case .standardError: errors.withLock { $0.append(chunk.bytes) }
            }
        }
        return CollectedOutput(exit: exit, standardOutput: output.withLock { $0 }, standardError: errors.withLock { $0 })
    }
}
