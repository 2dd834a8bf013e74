import Basics
import Glibc

/// A file that a log is written to.
final class LogFile: Sendable {
    let descriptor: CInt

    init(_ path: String) throws(FileError) {
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError("write", path, errno: errno) }
    }

    deinit { close(descriptor) }
}
