import Basics
import Glibc

/// What a folder on disk is like: the names, kinds, sizes, inodes and change times of all that is in it.
///
/// Whatever is written, replaced, renamed or removed in a folder gives it another stamp: the kernel sets change times, and no
/// program of an ordinary user can set them back. It takes a system call for each file, and no file is read.
struct FolderStamp: Sendable, Hashable {
    private let digest: Int

    /// More than any folder that we write. A script may have put anything there.
    private static let maximumDepth = 64
    private static let maximumEntries = 16_384

    /// Blocks.
    ///
    /// - Returns: nil if there is no such directory, or one that is not ours: too much is in it, or it cannot be read.
    init?(of path: String) {
        let directory = open(path, Self.flags)
        guard directory >= 0 else { return nil }
        defer { close(directory) }
        var walk = Walk()
        var status = stat()
        guard fstat(directory, &status) == 0 else { return nil }
        walk.add(status)
        guard walk.add(contentsOf: directory, depth: 0) else { return nil }
        digest = walk.hasher.finalize()
    }

    private static let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC

    private struct Walk {
        var hasher = Hasher()
        private var entries = 0

        mutating func add(_ status: stat) {
            for number in [status.st_ctim.tv_sec, status.st_ctim.tv_nsec, Int(status.st_size)] { hasher.combine(number) }
            hasher.combine(status.st_ino)
            hasher.combine(status.st_mode)
        }

        /// - Returns: whether all of it could be added.
        mutating func add(contentsOf directory: CInt, depth: Int) -> Bool {
            guard depth <= maximumDepth else { return false }
            let names = Files.names(in: directory).sorted { $0.lexicographicallyPrecedes($1) }
            entries += names.count
            guard entries <= maximumEntries else { return false }
            hasher.combine(names)
            for name in names {
                var status = stat()
                guard fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return false }
                add(status)
                guard status.st_mode & S_IFMT == S_IFDIR else { continue }
                let child = openat(directory, name, flags)
                guard child >= 0 else { return false }
                defer { close(child) }
                guard add(contentsOf: child, depth: depth + 1) else { return false }
            }
            return true
        }
    }
}
