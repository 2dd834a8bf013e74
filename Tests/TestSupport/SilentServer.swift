/// Takes connections on a port that the system chose, and never says a word.
public final class SilentServer: Sendable {
    public let port: Int
    private let directory: TemporaryDirectory
    private let server: PythonServer

    public init() throws {
        directory = try TemporaryDirectory()
        server = try PythonServer(try directory.write(Self.script, to: "silent.py"))
        port = server.port
    }

    private static let script = """
        import os, socket, sys, threading

        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        print(listener.getsockname()[1], flush=True)
        held = []

        def accept():
            while True:
                held.append(listener.accept())

        threading.Thread(target=accept, daemon=True).start()
        sys.stdin.read()
        os._exit(0)
        """
}
