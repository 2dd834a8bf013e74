import Basics
import Glibc
import TestSupport

/// A disk of its own in memory, which can be filled up. Only root may have one.
final class SmallDisk: Sendable {
    /// Where it is mounted. Removed after the disk is gone.
    private let directory: TemporaryDirectory

    var path: String { directory.path }
    private var filler: String { "\(path)/filler" }

    /// - Returns: nil where nothing may be mounted.
    init?(bytes: Int) throws {
        directory = try TemporaryDirectory()
        guard mount("tmpfs", directory.path, "tmpfs", 0, "size=\(bytes)") == 0 else { return nil }
    }

    deinit { umount2(path, CInt(MNT_DETACH)) }

    /// Takes all the room there is.
    func fill() throws {
        let descriptor = open(filler, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError("open", filler, errno: errno) }
        defer { close(descriptor) }
        for size in [1 << 20, 4_096] {
            let zeros = [UInt8](repeating: 0, count: size)
            while write(descriptor, zeros, size) == size {}
        }
    }

    /// Makes room again.
    func empty() { unlink(filler) }
}
