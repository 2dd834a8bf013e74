/// A small server in Python for one test or suite. It prints its port as the first line and ends when its standard input does, so
/// it never outlives the tests, whatever becomes of them.
public final class PythonServer: Sendable {
    public typealias Failure = PipedProcess.Failure

    public let port: Int
    private let process: PipedProcess

    /// - Parameters:
    ///   - script: the path of the script.
    ///   - arguments: what it gets as `sys.argv[1...]`.
    public init(_ script: String, _ arguments: String...) throws {
        // Debian's own: the first `python3` on PATH may be a shim that takes half a second.
        process = try PipedProcess("/usr/bin/python3", [script] + arguments)
        guard let port = Int(try process.readLine()) else { throw Failure(description: "the server printed no port") }
        self.port = port
    }

    public func url(_ path: String, host: String = "127.0.0.1") -> String { "http://\(host):\(port)\(path)" }
}
