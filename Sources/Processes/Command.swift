/// A program to run, with everything that it will see: nothing is inherited from the service.
public struct Command: Sendable {
    /// The variable whose value tells which run a process belongs to: what a program leaves behind is found by it.
    static let marker = "RUN_ID"

    /// What the program reads as its standard input.
    public enum Input: Sendable, Hashable {
        /// Nothing: the end comes at once.
        case none
        /// A regular file, opened when the program is started.
        case file(String)
    }

    /// The absolute path of the program; `PATH` is not searched.
    public var executable: String
    /// Without the program's own name.
    public var arguments: [String]
    public var environment: [String: String]
    /// The working directory.
    public var directory: String
    public var input: Input
    public var confinement: Confinement

    public init(
        _ executable: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        directory: String = "/",
        input: Input = .none,
        confinement: Confinement = Confinement()
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.input = input
        self.confinement = confinement
    }
}
