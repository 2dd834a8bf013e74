import Basics

/// A real `git daemon` for one test or suite, on a port that the system chose.
public final class GitDaemon: Sendable {
    public let port: Int
    private let directory: TemporaryDirectory
    private let server: PythonServer

    /// - Parameter isInformative: whether it says why it refuses; by default it does not, as a daemon that nobody configured.
    public init(isInformative: Bool = false) throws {
        directory = try TemporaryDirectory()
        let script = try directory.write(InetdScript.text + Self.script, to: "server.py")
        server = try PythonServer(script, directory.path, isInformative ? "--informative-errors" : "--no-informative-errors")
        port = server.port
    }

    /// Where a repository's files are: `repository("shop")` is served as ``url(_:)`` of "shop".
    public func repository(_ name: String) -> String { "\(directory.path)/repos/\(name).git" }

    public func url(_ name: String) -> String { "git://127.0.0.1:\(port)/\(name).git" }

    /// How many connections there were so far.
    public func connections() throws -> Int { try Files.read("\(directory.path)/connections").count }

    private static let script = #"""
        directory, errors = sys.argv[1:]
        os.makedirs(directory + "/repos")
        environment = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "GIT_CONFIG_GLOBAL": "/dev/null",
                       "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory",
                       "GIT_CONFIG_VALUE_0": "*"}
        command = ["git", "daemon", "--inetd", "--export-all", errors, "--base-path=" + directory + "/repos"]
        serve(listen(), command, directory, env=environment, stderr=subprocess.DEVNULL)
        """#
}
