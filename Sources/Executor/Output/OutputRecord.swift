/// A piece of a run's output and where it belongs.
public struct OutputRecord: Sendable, Hashable {
    /// Counts the pieces of the run, from 0. Of pieces that were joined, that of the first; pieces that a follower has seen are not
    /// joined to others. -1: a note that is for one follower alone.
    public var number: Int
    /// The name of the file that printed it.
    public var file: String
    public var chunk: OutputChunk

    public init(number: Int, file: String, chunk: OutputChunk) {
        self.number = number
        self.file = file
        self.chunk = chunk
    }

    /// What it counts for where room is limited, in bytes: its text, but never so little that all else about it would outweigh that
    /// by far.
    var cost: Int { max(chunk.text.utf8.count, 32) }
}

extension OutputRecord {
    /// As records are kept: a line `number time source bytes`, the text, a line end. People can read it, and so can we without
    /// knowing what is in the text.
    func appendFrame(to bytes: inout [UInt8]) {
        bytes += "\(number) \(chunk.time) \(chunk.source.rawValue) \(chunk.text.utf8.count)\n".utf8
        bytes += chunk.text.utf8
        bytes.append(UInt8(ascii: "\n"))
    }

    /// Reads records as they were kept; what is broken, at the end of a file that could not be written, is left out.
    static func parse(_ frames: [UInt8], file: String) -> [OutputRecord] {
        var rest = frames[...]
        return parse(&rest, file: file)
    }

    /// Takes records away from the front, up to what is none.
    static func parse(_ rest: inout ArraySlice<UInt8>, file: String) -> [OutputRecord] {
        var records: [OutputRecord] = []
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let fields = String(decoding: rest[..<end], as: UTF8.self).split(separator: " ")
            guard fields.count == 4, let number = Int(fields[0]), let time = Int64(fields[1]),
                let source = OutputChunk.Source(rawValue: String(fields[2])), let count = Int(fields[3]),
                count >= 0, rest.endIndex - end > count
            else { break }
            let text = rest[(end + 1)..<(end + 1 + count)]
            let chunk = OutputChunk(source: source, text: String(decoding: text, as: UTF8.self), time: time)
            records.append(OutputRecord(number: number, file: file, chunk: chunk))
            rest = rest[(end + 1 + count)...].dropFirst()
        }
        return records
    }
}
