import Glibc

extension Files {
    /// Removes a file or a directory with all in it, read-only directories too. Symbolic links are removed, not followed.
    /// What cannot be removed is left: the caller's next sweep finds it.
    ///
    /// What is in it may be a stranger's: names of any bytes, directories deeper than a path can say, things that change meanwhile.
    public static func removeTree(_ path: String) {
        if unlink(path) == 0 || errno == ENOENT { return }
        guard let top = openDirectory(AT_FDCWD, Array(path.utf8CString)) else { return }
        // Each round brings what was too deep nearer to the top; somebody who adds to it all the time does not keep us for ever.
        var rounds = 10_000
        while empty(top, depth: 0, top: top) == .moved, rounds > 0 { rounds -= 1 }
        close(top)
        rmdir(path)
    }

    /// As deep as directories are held open.
    private static let depthLimit = 32

    private enum Outcome {
        case done
        /// Something was moved into the topmost directory: another round is needed.
        case moved
    }

    private static func empty(_ directory: CInt, depth: Int, top: CInt) -> Outcome {
        var outcome = Outcome.done
        for name in names(in: directory) {
            if unlinkat(directory, name, 0) == 0 { continue }
            guard let child = openDirectory(directory, name) else { continue }
            defer { close(child) }
            if depth < depthLimit {
                if empty(child, depth: depth + 1, top: top) == .moved { outcome = .moved }
                unlinkat(directory, name, AT_REMOVEDIR)
            } else if renameat(directory, name, top, ".removed-\(UniqueID.random())") == 0 {
                outcome = .moved
            }
        }
        return outcome
    }

    /// Opens a directory, never through a link, and sees to it that it can be read and changed.
    private static func openDirectory(_ parent: CInt, _ name: [CChar]) -> CInt? {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        var descriptor = openat(parent, name, flags)
        if descriptor < 0, errno == EACCES {
            fchmodat(parent, name, 0o700, AT_SYMLINK_NOFOLLOW)
            descriptor = openat(parent, name, flags)
        }
        guard descriptor >= 0 else { return nil }
        fchmod(descriptor, 0o700)
        return descriptor
    }

    /// The names in an open directory, as the bytes that they are, each with a NUL at its end; without `.` and `..`, in no order.
    /// None if they cannot be read.
    public static func names(in directory: CInt) -> [[CChar]] {
        let copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { return [] }
        guard let stream = fdopendir(copy) else {
            close(copy)
            return []
        }
        defer { closedir(stream) }
        var names: [[CChar]] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { $0.prefix { $0 != 0 }.map(CChar.init(bitPattern:)) + [0] }
            if name != [0x2E, 0], name != [0x2E, 0x2E, 0] { names.append(name) }
        }
        return names
    }
}
