import Glibc

/// A file system call that failed: what was tried, on which path, and why not.
public struct FileError: Error, Hashable, CustomStringConvertible {
    /// A verb phrase: "read", "create directory".
    public let operation: String
    public let path: String
    public let errno: CInt

    public init(_ operation: String, _ path: String, errno: CInt) {
        self.operation = operation
        self.path = path
        self.errno = errno
    }

    public var description: String { "cannot \(operation) \(path): \(String(cString: strerror(errno)))" }
}
