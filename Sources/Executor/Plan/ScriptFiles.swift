import Glibc
import Model

/// Looks at candidates on disk.
enum ScriptFiles {
    /// A file counts if it is regular, not empty, and, with all links followed, inside the tree of its commit.
    static func find(_ place: Snapshot.Place, _ folder: String, _ name: String) -> Planner.Finding {
        let path = "\(place.directory)/\(folder)/\(name)"
        var status = stat()
        guard lstat(path, &status) == 0 else { return .nothing }
        let candidate = "\(folder)/\(name) of the \(place.level.rawValue) level"
        guard let real = realPath(path), stat(path, &status) == 0 else {
            return .refused("\(candidate) is a link to nothing and was passed over")
        }
        guard let root = realPath(place.root), real.hasPrefix(root == "/" ? "/" : root + "/") else {
            return .refused("\(candidate) leads out of its repository and was passed over")
        }
        guard status.st_mode & S_IFMT == S_IFREG else { return .refused("\(candidate) is no regular file and was passed over") }
        guard status.st_size > 0 else { return .refused("\(candidate) is empty and was passed over") }
        return .file(path: path)
    }

    private static func realPath(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }
}
