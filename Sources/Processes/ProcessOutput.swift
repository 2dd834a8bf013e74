/// A piece of what a process wrote, in order of arrival.
public struct ProcessOutput: Sendable, Hashable {
    public enum Stream: Sendable, Hashable {
        case standardOutput
        case standardError
    }

    public var stream: Stream
    /// At most 64 KiB as read; a character may be split between two chunks.
    public var bytes: [UInt8]

    public init(stream: Stream, bytes: [UInt8]) {
        self.stream = stream
        self.bytes = bytes
    }
}
