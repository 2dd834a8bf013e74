public import Basics
import Glibc

/// A directory of its own for one test, below `TMPDIR`, removed with the value that holds it.
public final class TemporaryDirectory: Sendable {
    public let path: String

    public init() throws(FileError) {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        path = try Files.createUniqueDirectory("\(parent)/ges-test-")
    }

    deinit { Files.removeTree(path) }

    /// Writes `text` to the file `name` below the directory, with the directories it needs.
    @discardableResult
    public func write(_ text: String, to name: String) throws(FileError) -> String {
        let file = "\(path)/\(name)"
        if let slash = file.lastIndex(of: "/") { try Files.createDirectory(String(file[..<slash])) }
        try Files.write(text.utf8, to: file)
        return file
    }
}
