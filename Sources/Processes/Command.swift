/// A program to run, with everything that it will see: nothing is inherited from the service.
public struct Command: Sendable, Hashable {
    /// The absolute path of the program; `PATH` is not searched.
    public var executable: String
    /// Without the program's own name.
    public var arguments: [String]
    public var environment: [String: String]
    /// The working directory.
    public var directory: String

    public init(
        _ executable: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        directory: String = "/"
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
    }
}
