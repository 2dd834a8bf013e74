import Basics

/// A connection to a server of the tests that takes as long as one over a network: each byte comes out a fixed time after it went
/// in, in both directions, however many are on their way. A new connection's first bytes wait for the handshake, too.
public final class Relay: Sendable {
    public let port: Int
    /// One way; a question and its answer take twice as long.
    public let delay: Duration
    private let directory: TemporaryDirectory
    private let server: PythonServer

    /// - Parameter port: where the server listens on loopback.
    public init(to port: Int, delay: Duration = .milliseconds(15)) throws {
        self.delay = delay
        directory = try TemporaryDirectory()
        let script = try directory.write(Self.script, to: "relay.py")
        server = try PythonServer(script, "\(port)", "\(delay.seconds)")
        self.port = server.port
    }

    public func url(_ path: String) -> String { server.url(path) }

    /// Each piece has a timer of its own, and each timer that fires passes on the oldest piece: timers of the same moment may fire
    /// in any order. Who reads slowly is read from slowly.
    private static let script = #"""
        import asyncio, collections, socket, sys

        port, delay = int(sys.argv[1]), float(sys.argv[2])

        class End(asyncio.Protocol):
            def __init__(self, peer=None):
                self.peer, self.pieces, self.transport, self.has_ended = peer, collections.deque(), None, False

            def connection_made(self, transport):
                self.transport = transport
                if self.peer is None:
                    self.opens = loop.time() + 2 * delay
                    transport.pause_reading()
                    self.peer = End(self)
                    self.task = loop.create_task(self.connect())
                else:
                    self.opens = loop.time() + delay

            async def connect(self):
                try:
                    await loop.create_connection(lambda: self.peer, "127.0.0.1", port)
                    self.transport.resume_reading()
                except OSError:
                    self.transport.abort()

            def later(self, action, piece=None):
                self.pieces.append((action, piece))
                loop.call_at(max(loop.time(), self.opens) + delay, self.forward)

            def forward(self):
                action, piece = self.pieces.popleft()
                action(self.peer.transport, piece)

            def write(self, transport, piece):
                if not transport.is_closing():
                    transport.write(piece)

            def end(self, transport, _):
                self.has_ended = True
                if self.peer.has_ended:
                    self.transport.close()
                    transport.close()
                elif not transport.is_closing():
                    transport.write_eof()

            def data_received(self, data):
                self.later(self.write, data)

            def eof_received(self):
                self.later(self.end)
                return True

            def connection_lost(self, error):
                if self.peer.transport is not None:
                    self.later(lambda transport, _: transport.abort() if error else transport.close())

            def pause_writing(self):
                self.peer.transport.pause_reading()

            def resume_writing(self):
                self.peer.transport.resume_reading()

        async def main():
            global loop
            loop = asyncio.get_running_loop()
            server = await loop.create_server(End, "127.0.0.1", 0, backlog=512)
            print(server.sockets[0].getsockname()[1], flush=True)
            await loop.run_in_executor(None, sys.stdin.read)

        asyncio.run(main())
        """#
}
