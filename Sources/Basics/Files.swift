import Glibc

/// The few file operations that the parts share, without Foundation. They block: fine for small files, else use a ``ThreadPool``.
public enum Files {
    /// Reads a whole file.
    ///
    /// - Parameter limit: the most bytes to read; a longer file throws EFBIG.
    public static func read(_ path: String, limit: Int = .max) throws(FileError) -> [UInt8] {
        let descriptor = try openForReading(path)
        defer { close(descriptor) }
        return try readAll(descriptor, path, limit)
    }

    private static func readAll(_ descriptor: CInt, _ path: String, _ limit: Int) throws(FileError) -> [UInt8] {
        var bytes: [UInt8] = []
        // Most are small. Files of the kernel do not say their size.
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileError("read", path, errno: errno) }
            if count == 0 { return bytes }
            guard bytes.count + count <= limit else { throw FileError("read", path, errno: EFBIG) }
            bytes.append(contentsOf: chunk[..<count])
            if count == chunk.count, count < 65_536 { chunk = [UInt8](repeating: 0, count: 65_536) }
        }
    }

    /// Reads a whole regular file that a stranger may have put there: never waits for a pipe, never follows a link.
    ///
    /// - Parameter limit: as for ``read(_:limit:)``.
    /// - Parameter owner: whose it must be; nil: anybody's.
    /// - Throws: with EINVAL for anything but a regular file, with ELOOP for a symbolic link, with EPERM for another owner's.
    public static func readRegular(_ path: String, limit: Int, owner: UInt32? = nil) throws(FileError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("read", path, errno: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError("read", path, errno: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw FileError("read", path, errno: EINVAL) }
        guard owner == nil || status.st_uid == owner else { throw FileError("read", path, errno: EPERM) }
        return try readAll(descriptor, path, limit)
    }

    /// Reads the first bytes of a file, all of it if it has no more than `count`.
    public static func readBeginning(of path: String, count: Int) throws(FileError) -> [UInt8] {
        let descriptor = try openForReading(path)
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: min(count, 65_536))
        while bytes.count < count {
            let size = Glibc.read(descriptor, &chunk, min(chunk.count, count - bytes.count))
            if size < 0, errno == EINTR { continue }
            guard size >= 0 else { throw FileError("read", path, errno: errno) }
            if size == 0 { break }
            bytes.append(contentsOf: chunk[..<size])
        }
        return bytes
    }

    /// - Returns: a descriptor, the caller's to close.
    static func openForReading(_ path: String, _ flags: CInt = 0) throws(FileError) -> CInt {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | flags)
        guard descriptor >= 0 else { throw FileError("read", path, errno: errno) }
        return descriptor
    }

    /// Creates or truncates a file and writes all of `bytes`.
    ///
    /// - Parameter sync: waits until the bytes are on disk.
    public static func write(
        _ bytes: some Sequence<UInt8>,
        to path: String,
        mode: UInt32 = 0o600,
        sync: Bool = false
    ) throws(FileError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw FileError("write", path, errno: errno) }
        defer { close(descriptor) }
        do { try write(Array(bytes), to: descriptor) } catch { throw FileError("write", path, errno: error.errno) }
        guard !sync || fsync(descriptor) == 0 else { throw FileError("write", path, errno: errno) }
    }

    /// Writes all of `bytes` to an open descriptor, which stays the caller's.
    public static func write(_ bytes: [UInt8], to descriptor: CInt) throws(FileError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FileError("write", "descriptor \(descriptor)", errno: errno) }
            rest = rest.dropFirst(count)
        }
    }

    /// Replaces `path` by a file with `bytes`: a reader sees the old one or the new one, also after a crash.
    public static func replace(_ path: String, with bytes: some Sequence<UInt8>, mode: UInt32 = 0o600) throws(FileError) {
        let temporary = "\(path).new-\(getpid())"
        try write(bytes, to: temporary, mode: mode, sync: true)
        guard rename(temporary, path) == 0 else { throw FileError("replace", path, errno: errno) }
    }

    /// Creates a directory and those above it; one that exists is left as it is.
    public static func createDirectory(_ path: String, mode: UInt32 = 0o700) throws(FileError) {
        if mkdir(path, mode) == 0 { return }
        let cause = errno
        switch cause {
        case EEXIST where isDirectory(path): return
        case ENOENT:
            guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { break }
            try createDirectory(String(path[..<slash]), mode: mode)
            if mkdir(path, mode) == 0 || errno == EEXIST { return }
        default: break
        }
        throw FileError("create directory", path, errno: cause)
    }

    /// Creates a directory that nobody else has, mode 0700: `prefix` and six characters that make it unique.
    ///
    /// - Returns: its path; it is the caller's to remove.
    public static func createUniqueDirectory(_ prefix: String) throws(FileError) -> String {
        var buffer = Array("\(prefix)XXXXXX".utf8CString)
        guard mkdtemp(&buffer) != nil else { throw FileError("create directory", "\(prefix)XXXXXX", errno: errno) }
        return String(decoding: buffer.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    public static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The length of a file in bytes; 0 if there is none.
    public static func size(_ path: String) -> Int {
        var status = stat()
        return lstat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    /// What a file takes on disk, in bytes; 0 if there is none.
    public static func allocatedSize(_ path: String) -> Int {
        var status = stat()
        return lstat(path, &status) == 0 ? Int(status.st_blocks) * 512 : 0
    }

    /// Whether this process may write to `path`.
    public static func isWritable(_ path: String) -> Bool { access(path, W_OK) == 0 }

    /// Whether this process may read `path`.
    public static func isReadable(_ path: String) -> Bool { access(path, R_OK) == 0 }

    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The absolute path of this process's working directory; `.` if it was removed.
    public static var workingDirectory: String {
        guard let path = getcwd(nil, 0) else { return "." }
        defer { free(path) }
        return String(cString: path)
    }

    /// The names in a directory, sorted, without `.` and `..`.
    public static func list(_ path: String) throws(FileError) -> [String] {
        guard let stream = opendir(path) else { throw FileError("list", path, errno: errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
