import Basics
import Glibc
import TestSupport
import Testing

@Suite struct FilesTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test("A replaced file is whole, and nothing else is left")
    func replace() throws {
        let path = directory.path + "/state.json"
        try Files.replace(path, with: "one".utf8)
        try Files.replace(path, with: "two".utf8)
        #expect(try Files.read(path) == Array("two".utf8))
        #expect(try Files.list(directory.path) == ["state.json"])
    }

    @Test("A file over the limit is refused, not cut")
    func limit() throws {
        let path = try directory.write(String(repeating: "x", count: 200_000), to: "big")
        #expect(try Files.read(path, limit: 200_000).count == 200_000)
        #expect(throws: FileError("read", path, errno: EFBIG)) { try Files.read(path, limit: 199_999) }
    }

    @Test("What may be anything is read only if it is a regular file", .timeLimit(.minutes(3)))
    func readRegular() throws {
        let file = try directory.write("text", to: "file")
        #expect(try Files.readRegular(file, limit: 4) == Array("text".utf8))
        #expect(throws: FileError("read", file, errno: EFBIG)) { try Files.readRegular(file, limit: 3) }
        let (pipe, link) = (directory.path + "/pipe", directory.path + "/link")
        try #require(mkfifo(pipe, 0o600) == 0 && symlink(file, link) == 0)
        #expect(throws: FileError("read", pipe, errno: EINVAL)) { try Files.readRegular(pipe, limit: 4) }
        #expect(throws: FileError("read", link, errno: ELOOP)) { try Files.readRegular(link, limit: 4) }
        #expect(throws: FileError("read", directory.path, errno: EINVAL)) { try Files.readRegular(directory.path, limit: 4) }
    }

    @Test("Directories are made with those above them, and once more without harm")
    func createDirectory() throws {
        let path = directory.path + "/a/b/c"
        try Files.createDirectory(path)
        try Files.createDirectory(path)
        #expect(Files.isDirectory(path))
        try directory.write("", to: "file")
        #expect(throws: FileError.self) { try Files.createDirectory(directory.path + "/file/x") }
        #expect(throws: FileError.self) { try Files.createDirectory(directory.path + "/file") }
    }

    @Test("A tree is removed with its read-only directories, and links are not followed")
    func removeTree() throws {
        try directory.write("kept", to: "outside/kept")
        try directory.write("x", to: "tree/sub/file")
        symlink(directory.path + "/outside", directory.path + "/tree/sub/link")
        chmod(directory.path + "/tree/sub", 0o500)
        Files.removeTree(directory.path + "/tree")
        #expect(try Files.list(directory.path) == ["outside"])
        #expect(Files.exists(directory.path + "/outside/kept"))
    }

    @Test("A tree is removed whatever its names are and however deep it is", .timeLimit(.minutes(3)))
    func removeStrangeTree() throws {
        let tree = directory.path + "/tree"
        try Files.createDirectory(tree)
        // Far deeper than a path can say.
        var parent = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        let name = String(repeating: "d", count: 200)
        for _ in 0..<150 {
            try #require(mkdirat(parent, name, 0o700) == 0)
            let child = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            close(parent)
            parent = child
            // Not UTF-8, as programs of another language write it.
            let file = openat(parent, [CChar(bitPattern: 0xE9), 0], O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            try #require(file >= 0)
            close(file)
            fchmod(parent, 0o700)
        }
        fchmod(parent, 0)
        close(parent)
        Files.removeTree(tree)
        #expect(try Files.list(directory.path) == [])
    }

    @Test("An error says what was tried, on what, and why not")
    func errors() {
        let error = #expect(throws: FileError.self) { try Files.read("/nowhere/at/all") }
        #expect(error?.description == "cannot read /nowhere/at/all: No such file or directory")
    }
}
