public import Basics

/// The output of a run that is over, in one file: for each script a line `# NAME`, and then its records.
public enum OutputFile {
    /// Writes records in their order; no file where there are none. Blocks.
    ///
    /// - Returns: the size of the file.
    public static func write(_ records: [OutputRecord], to path: String) throws(FileError) -> Int {
        guard !records.isEmpty else { return 0 }
        var bytes: [UInt8] = []
        var file: String?
        for record in records {
            if record.file != file { bytes += "# \(record.file)\n".utf8 }
            file = record.file
            record.appendFrame(to: &bytes)
        }
        try Files.write(bytes, to: path)
        return bytes.count
    }

    /// Reads them again; an empty list where there is no file. What is broken, at its end, is left out. Blocks.
    public static func read(_ path: String) -> [OutputRecord] {
        guard let bytes = try? Files.read(path) else { return [] }
        var records: [OutputRecord] = []
        var rest = bytes[...]
        while rest.starts(with: [UInt8(ascii: "#"), UInt8(ascii: " ")]), let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let name = String(decoding: rest[(rest.startIndex + 2)..<end], as: UTF8.self)
            rest = rest[(end + 1)...]
            records += OutputRecord.parse(&rest, file: name)
        }
        return records
    }
}
