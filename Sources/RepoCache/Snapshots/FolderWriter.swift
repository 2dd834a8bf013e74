import Basics
import Git
import Glibc

/// Writes a script folder to disk, read-only, through descriptors of its directories: nothing that somebody else puts in the
/// way is followed or overwritten.
struct FolderWriter {
    /// Writes all of `nodes` into the new directory `path`. Whoever calls removes it if this throws.
    static func write(
        _ nodes: [FolderContent.Node],
        to path: String,
        from repository: borrowing Repository
    ) throws {
        guard mkdir(path, 0o700) == 0 else { throw FileError("create directory", path, errno: errno) }
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("open", path, errno: errno) }
        defer { close(descriptor) }
        try fill(descriptor, path, nodes, repository)
    }

    private static func fill(
        _ parent: CInt,
        _ path: String,
        _ nodes: [FolderContent.Node],
        _ repository: borrowing Repository
    ) throws {
        for node in nodes {
            let name = node.name.map(CChar.init(bitPattern:)) + [0]
            let shown = "\(path)/\(String(decoding: node.name, as: UTF8.self))"
            switch node.kind {
            case .file(let id, let isExecutable):
                let file = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
                guard file >= 0 else { throw FileError("create", shown, errno: errno) }
                defer { close(file) }
                try repository.withBlob(id) { bytes in try write(bytes, to: file, shown) }
                guard fchmod(file, isExecutable ? 0o555 : 0o444) == 0 else { throw FileError("write", shown, errno: errno) }
            case .directory(let children):
                guard mkdirat(parent, name, 0o700) == 0 else { throw FileError("create directory", shown, errno: errno) }
                let directory = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                guard directory >= 0 else { throw FileError("open", shown, errno: errno) }
                defer { close(directory) }
                try fill(directory, shown, children, repository)
            }
        }
        guard fchmod(parent, 0o555) == 0 else { throw FileError("write", path, errno: errno) }
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, to file: CInt, _ shown: String) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FileError("write", shown, errno: errno) }
            rest = rest.dropFirst(count)
        }
    }
}
