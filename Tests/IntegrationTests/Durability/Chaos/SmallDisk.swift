import Basics
import Glibc

/// A disk of its own in memory, which can be filled up. Only root may have one.
final class SmallDisk: Sendable {
    let path: String
    /// Before the rest of what is full.
    private var filler: String { "\(path)/filler" }

    /// - Returns: nil where nothing may be mounted.
    init?(at path: String, bytes: Int) throws {
        try Files.createDirectory(path)
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(bytes)") == 0 else { return nil }
        self.path = path
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
