import Glibc

/// Which file a path leads to, whatever its name.
struct FileIdentity: Sendable, Hashable {
    private let device: dev_t
    private let inode: ino_t

    /// - Returns: nil if there is none.
    init?(of path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = status.st_dev
        inode = status.st_ino
    }
}
