import Curl

/// Where requests of `.http` files may go, and how they get there.
public struct HTTPSettings: Sendable, Hashable {
    public init() {}

    /// Gives `request` all that does not depend on the file.
    func apply(to request: inout HTTPRequest) {}
}
