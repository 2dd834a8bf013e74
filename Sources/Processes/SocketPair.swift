import Glibc
import Synchronization

/// A stream between this process and a program that it starts: one end each, both ways.
public final class SocketPair: Sendable {
    /// Our end; closed with this value unless ``takeOwn()`` came first.
    private let own: Mutex<CInt?>
    private let theirs: Mutex<CInt?>
    /// The end that becomes the program's standard input and output.
    let child: CInt

    /// - Throws: ``StartError`` if there is no descriptor left.
    public init() throws(StartError) {
        var ends: [CInt] = [-1, -1]
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw StartError("make", "a pair of sockets", errno: errno) }
        own = Mutex(ends[0])
        theirs = Mutex(ends[1])
        child = ends[1]
    }

    deinit {
        closeChild()
        if let own = own.withLock({ $0.take() }) { close(own) }
    }

    /// Gives our end away; the caller closes it. nil the second time.
    public func takeOwn() -> CInt? { own.withLock { $0.take() } }

    /// Closes the program's end here, so that the program's exit is the end of the stream.
    func closeChild() {
        if let theirs = theirs.withLock({ $0.take() }) { close(theirs) }
    }
}
