import Glibc

/// The right of one process to use a directory; it ends with the process, however that ends.
public final class DirectoryLock: Sendable {
    private let descriptor: CInt

    /// - Throws: ``FileError``; its `errno` is EWOULDBLOCK if somebody else has the right.
    public init(_ path: String) throws(FileError) {
        descriptor = try Files.openForReading(path, O_DIRECTORY)
        guard flock(descriptor, LOCK_EX | LOCK_NB) != 0 else { return }
        let cause = errno
        close(descriptor)
        throw FileError("lock", path, errno: cause)
    }

    deinit {
        // A child that is being started holds a copy of the descriptor until its exec: closing ours alone may not be the end.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
