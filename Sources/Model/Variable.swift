/// A named value that scripts see in their environment and `.http` files as `$NAME`.
public struct Variable: Sendable, Hashable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}
