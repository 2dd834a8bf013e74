/// A piece of what a file prints while it runs, secrets masked, cut between characters.
public struct OutputChunk: Sendable, Hashable {
    public enum Source: Sendable, Hashable {
        /// Standard output, or the body of a response.
        case output
        case errors
        /// A note of this service: a variable that was left out, say.
        case service
    }

    public var source: Source
    public var text: String

    public init(source: Source, text: String) {
        self.source = source
        self.text = text
    }
}
