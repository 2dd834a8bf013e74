import Basics
import Glibc

/// The field of a database's header that says how many pages it has (SQLite, Database File Format, section 1.3.8). SQLite reads nothing
/// of a file that has fewer, so for a look at the rest of a file that was cut off it has to say what there is.
struct DatabaseHeader {
    private static let position: off_t = 28

    private let path: String
    private let pageSize: Int
    /// The field as it was.
    private let field: [UInt8]

    /// - Throws: if the file cannot be read; one without a header has no page size.
    init(of path: String) throws(FileError) {
        self.path = path
        let header = try Files.readBeginning(of: path, count: 32)
        guard header.count == 32 else { throw FileError("read the header of", path, errno: EINVAL) }
        let size = Int(header[16]) << 8 | Int(header[17])
        // 1 stands for 65,536, which does not fit.
        pageSize = size == 1 ? 65_536 : size
        field = Array(header[28...])
    }

    /// Says that there are as many pages as there are, if it says more.
    func adjustPageCount() {
        guard pageSize >= 512 else { return }
        let count = Files.size(path) / pageSize
        let claimed = field.reduce(0) { $0 << 8 | Int($1) }
        guard claimed > count else { return }
        write([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) })
    }

    /// Says again what it said: the file is kept as it was found.
    func restore() { write(field) }

    private func write(_ bytes: [UInt8]) {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        _ = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, Self.position) }
    }
}
