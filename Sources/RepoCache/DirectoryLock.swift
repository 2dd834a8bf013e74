import Basics
import Git
import Glibc

/// The right of one process to use a directory; it ends with the process, however that ends.
final class DirectoryLock: Sendable {
    private let descriptor: CInt

    init(_ path: String) throws(RepoCacheError) {
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw RepoCacheError(FileError("open", path, errno: errno)) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) != 0 else { return }
        let cause = errno
        close(descriptor)
        guard cause == EWOULDBLOCK else { throw RepoCacheError(FileError("lock", path, errno: cause)) }
        throw RepoCacheError(
            GitError.FailureClass.disk.rawValue,
            "cannot use \(path): another process uses it; give each instance a CACHE_DIRECTORY of its own"
        )
    }

    deinit {
        // A child that is being started holds a copy of the descriptor until its exec: closing ours alone may not be the end.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
