/// Why something that came in is not an event.
public struct EventError: Error, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        /// HTTP 400.
        case badRequest
        /// HTTP 415.
        case unsupportedMediaType
    }

    public let kind: Kind
    /// One sentence: what is wrong, and what is expected.
    public let description: String

    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    static func badRequest(_ description: String) -> EventError { EventError(.badRequest, description) }
}
