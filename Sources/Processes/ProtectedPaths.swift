import Basics
import Glibc

/// Paths that must stay out of reach, though they may lie beneath a directory that is allowed.
struct ProtectedPaths {
    private let paths: [String]

    /// - Parameter paths: absolute; followed to where they really are. What does not exist yet counts by its name.
    init(_ paths: [String]) {
        self.paths = Array(Set(paths.flatMap { [Self.real($0), Self.withoutSlash($0)] })).sorted()
    }

    /// The paths that together stand for all of `root` but what is protected.
    ///
    /// - Returns: nothing if `root` is protected itself, or beneath something that is, or does not exist. Blocks.
    func open(_ root: String) -> [String] { open(real: Self.real(root)) }

    private func open(real root: String) -> [String] {
        let prefix = root == "/" ? "/" : root + "/"
        if paths.contains(where: { $0 == root || root.hasPrefix($0 + "/") }) { return [] }
        guard paths.contains(where: { $0.hasPrefix(prefix) }) else { return [root] }
        return ((try? Files.list(root)) ?? []).flatMap { name -> [String] in
            // A link is followed by the kernel, which asks for the rules where it leads.
            var status = stat()
            guard lstat(prefix + name, &status) == 0, status.st_mode & S_IFMT != S_IFLNK else { return [] }
            return self.open(real: prefix + name)
        }
    }

    private static func real(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return withoutSlash(path) }
        defer { free(real) }
        return String(cString: real)
    }

    private static func withoutSlash(_ path: String) -> String {
        path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }
}
