import Glibc

/// A piece of what a file prints while it runs, secrets masked, cut between characters.
public struct OutputChunk: Sendable, Hashable {
    public enum Source: String, Sendable, Hashable, CaseIterable {
        /// Standard output, or the body of a response.
        case output
        case errors
        /// A note of this service: a variable that was left out, say.
        case service
    }

    public var source: Source
    public var text: String
    /// When it arrived: milliseconds since 1970-01-01T00:00:00Z.
    public var time: Int64

    public init(source: Source, text: String, time: Int64 = OutputChunk.now) {
        self.source = source
        self.text = text
        self.time = time
    }

    public static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}
