public import Basics
import Glibc

/// A directory of its own for one test, removed with the value that holds it.
public final class TemporaryDirectory: Sendable {
    public let path: String

    public init() throws(FileError) {
        let template = "/tmp/ges-test-XXXXXX"
        var buffer = Array(template.utf8CString)
        guard mkdtemp(&buffer) != nil else { throw FileError("create directory", template, errno: errno) }
        path = String(decoding: buffer.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
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
