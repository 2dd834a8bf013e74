import CSpawn
import Glibc

/// An open file descriptor: one owner, closed when that owner goes.
struct Descriptor: ~Copyable, Sendable {
    let raw: CInt

    init(_ raw: CInt) { self.raw = raw }

    deinit { close(raw) }

    /// Gives the open descriptor away.
    consuming func release() -> CInt {
        let raw = raw
        discard self
        return raw
    }

    /// What every child reads as its standard input.
    static func emptyInput() throws(StartError) -> Descriptor {
        let raw = open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard raw >= 0 else { throw StartError("open", "/dev/null", errno: errno) }
        return Descriptor(raw)
    }
}

/// A pipe: the writing end is for the child and blocks as programs expect, the reading end is ours and does not.
struct Pipe: ~Copyable {
    let reader: Descriptor
    let writer: Descriptor

    static func open() throws(StartError) -> Pipe {
        var ends: [CInt] = [-1, -1]
        guard cspawn_pipe(&ends) == 0 else { throw StartError("make", "a pipe", errno: errno) }
        let pipe = Pipe(reader: Descriptor(ends[0]), writer: Descriptor(ends[1]))
        guard fcntl(pipe.reader.raw, F_SETFL, O_NONBLOCK) == 0 else { throw StartError("set up", "a pipe", errno: errno) }
        return pipe
    }

    /// Gives away the reading end and closes the other one.
    consuming func takeReader() -> Descriptor { reader }
}
