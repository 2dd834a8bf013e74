import Basics
import Glibc
import Model

/// The files that a `.http` file may include: those of its own commit's tree.
struct IncludedFiles: Sendable {
    private static let sizeLimit = 16 << 20

    /// The directory of the `.http` file.
    private let directory: String
    /// No link leads out of it.
    private let root: String

    init(of script: Script) {
        directory = script.path.lastIndex(of: "/").map { String(script.path[..<$0]) } ?? "/"
        root = script.root
    }

    /// The bytes of a file, by its path from the `.http` file on. Blocks.
    func read(_ path: HTTPTemplate.Text) throws(HTTPFileError) -> [UInt8] {
        func refuse(_ reason: String) -> HTTPFileError { HTTPFileError("the file \(path.text) \(reason)", line: path.line) }
        guard !path.text.hasPrefix("/"), !path.text.hasPrefix("~"), !path.text.utf8.contains(0) else {
            throw refuse("must be named by its path from this one on")
        }
        guard !path.text.split(separator: "/").contains("..") else { throw refuse("is outside of the script folder") }
        guard let real = Self.real("\(directory)/\(path.text)") else { throw refuse("does not exist beside this one") }
        guard let root = Self.real(root), real.hasPrefix(root == "/" ? "/" : root + "/") else {
            throw refuse("leads out of the script folder's repository")
        }
        do {
            return try Files.readRegular(real, limit: Self.sizeLimit)
        } catch {
            switch error.errno {
            case EFBIG: throw refuse("has more than \(Self.sizeLimit) bytes")
            case EINVAL: throw refuse("is no regular file")
            default: throw refuse("cannot be read: \(error)")
            }
        }
    }

    /// What the `.env` file says: `NAME=value` lines, quotes around a value left off. Blocks.
    func dotenv() -> [String: String] {
        guard let bytes = try? Files.readRegular("\(directory)/.env", limit: 1 << 20) else { return [:] }
        var values: [String: String] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let text = line.trimmed
            guard !text.hasPrefix("#"), let equals = text.firstIndex(of: "=") else { continue }
            var name = text[..<equals].trimmed
            if name.hasPrefix("export ") { name = name.dropFirst(7).trimmed }
            var value = text[text.index(after: equals)...].trimmed
            if value.count >= 2, let quote = value.first, quote == "\"" || quote == "'", value.last == quote {
                value = String(value.dropFirst().dropLast())
            }
            values[name] = value
        }
        return values
    }

    private static func real(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }
}
