import Glibc

/// What tells one state of a file from another without reading it: its place on disk, its size and when it was changed.
public struct FileStamp: Sendable, Hashable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int
    private let seconds: Int
    private let nanoseconds: Int
    private let changed: Int
    private let changedNanoseconds: Int

    /// Follows symbolic links: mounted secrets are behind them.
    ///
    /// - Returns: nil if there is no such file.
    public init?(of path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    /// - Throws: ``FileError`` if it is not a regular file that this process may read.
    public init(ofReadable path: String) throws(FileError) {
        var status = stat()
        guard stat(path, &status) == 0, access(path, R_OK) == 0 else { throw FileError("read", path, errno: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw FileError("read", path, errno: EISDIR) }
        self.init(status)
    }

    private init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int(status.st_size)
        seconds = status.st_mtim.tv_sec
        nanoseconds = status.st_mtim.tv_nsec
        changed = status.st_ctim.tv_sec
        changedNanoseconds = status.st_ctim.tv_nsec
    }
}
