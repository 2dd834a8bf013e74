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

    @Test("An error says what was tried, on what, and why not")
    func errors() {
        let error = #expect(throws: FileError.self) { try Files.read("/nowhere/at/all") }
        #expect(error?.description == "cannot read /nowhere/at/all: No such file or directory")
    }
}
