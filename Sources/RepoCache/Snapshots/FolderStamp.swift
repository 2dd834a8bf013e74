import Basics
import Glibc

/// What a folder on disk is like: the names, kinds, sizes, inodes and change times of all that is in it.
///
/// Whatever is written, replaced, renamed or removed in a folder gives it another stamp: the kernel sets change times, and no
/// program of an ordinary user can set them back. It takes a system call for each file, and no file is read.
struct FolderStamp: Sendable, Hashable {
    private let digest: Int

    /// Blocks.
    ///
    /// - Returns: nil if there is no such directory.
    init?(of path: String) {
        guard Files.isDirectory(path) else { return nil }
        var hasher = Hasher()
        Self.add(path, to: &hasher)
        digest = hasher.finalize()
    }

    private static func add(_ path: String, to hasher: inout Hasher) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return hasher.combine(false) }
        for number in [status.st_ctim.tv_sec, status.st_ctim.tv_nsec, Int(status.st_size)] { hasher.combine(number) }
        hasher.combine(status.st_ino)
        hasher.combine(status.st_mode)
        guard status.st_mode & S_IFMT == S_IFDIR else { return }
        let names = (try? Files.list(path)) ?? []
        hasher.combine(names)
        for name in names { add("\(path)/\(name)", to: &hasher) }
    }
}
