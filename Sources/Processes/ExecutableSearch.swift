import Glibc

/// Finds programs as a shell does, but only in absolute directories.
public struct ExecutableSearch: Sendable, Hashable {
    private let directories: [String]

    /// - Parameter path: the value of `PATH`; entries that are not absolute do not count.
    public init(path: String) {
        directories = path.split(separator: ":").filter { $0.hasPrefix("/") }.map(String.init)
    }

    /// Where the service's own helpers (ssh, gpgv) are looked for: its `PATH`, then the system's directories.
    public static let system = ExecutableSearch(
        path: (getenv("PATH").map { String(cString: $0) } ?? "") + ":/usr/local/bin:/usr/bin:/bin"
    )

    /// The absolute path of a program; nil if there is none. Blocks for a moment.
    public func find(_ name: String) -> String? {
        directories.lazy.map { "\($0)/\(name)" }.first { path in
            var status = stat()
            return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
        }
    }
}
