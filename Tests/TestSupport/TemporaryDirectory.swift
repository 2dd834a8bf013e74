public import Basics

/// A directory of its own for one test, removed with the value that holds it.
public final class TemporaryDirectory: Sendable {
    public let path: String

    public init() throws(FileError) {
        path = try Files.createUniqueDirectory("/tmp/ges-test-")
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
