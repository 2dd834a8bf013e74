/// What servers share that handle one connection a process, as inetd(8) starts them.
enum InetdScript {
    /// Python: `serve(listener, command)` starts the command with each connection as its standard input and output, and writes a
    /// byte per connection to the file `connections`, until our own standard input ends.
    ///
    /// The kernel ends each child when this process ends, however it does; what the child has started in turn loses its
    /// connection and ends by itself.
    static let text = #"""
        import ctypes, os, selectors, signal, socket, subprocess, sys

        library = ctypes.CDLL(None)

        def die_with_parent():
            library.prctl(1, signal.SIGKILL)

        def listen():
            listener = socket.socket()
            listener.bind(("127.0.0.1", 0))
            listener.listen(512)
            return listener

        def serve(listener, command, directory, **options):
            print(listener.getsockname()[1], flush=True)
            selector = selectors.DefaultSelector()
            selector.register(listener, selectors.EVENT_READ)
            selector.register(sys.stdin, selectors.EVENT_READ)
            children = []
            with open(directory + "/connections", "ab", buffering=0) as connections:
                while True:
                    for key, _ in selector.select():
                        if key.fileobj is sys.stdin:
                            return
                        connection, _ = listener.accept()
                        connections.write(b".")
                        children = [child for child in children if child.poll() is None]
                        children.append(subprocess.Popen(command, stdin=connection, stdout=connection,
                                                         preexec_fn=die_with_parent, **options))
                        connection.close()

        """#
}
