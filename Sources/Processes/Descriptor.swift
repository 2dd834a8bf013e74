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

    /// What a child reads as its standard input.
    static func open(_ input: Command.Input) throws(StartError) -> Descriptor {
        switch input {
        case .none: return try open("/dev/null", O_RDONLY)
        case .file(let path):
            // A pipe in the file's place would keep us waiting for somebody who writes.
            let file = try open(path, O_RDONLY | O_NONBLOCK)
            var status = stat()
            guard fstat(file.raw, &status) == 0 else { throw StartError("open", path, errno: errno) }
            guard status.st_mode & S_IFMT == S_IFREG else { throw StartError("open", path, errno: EINVAL) }
            return file
        }
    }

    private static func open(_ path: String, _ flags: CInt) throws(StartError) -> Descriptor {
        let raw = Glibc.open(path, flags | O_CLOEXEC)
        guard raw >= 0 else { throw StartError("open", path, errno: errno) }
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
