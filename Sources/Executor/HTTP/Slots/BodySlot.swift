import Basics

/// A body that is being written: what the author wrote as it is, values by the rules of the body's kind.
protocol BodySlot {
    mutating func append(literal bytes: [UInt8], line: Int) throws(HTTPFileError)
    mutating func append(_ value: PlaceholderValue, line: Int) throws(HTTPFileError)
    /// The bytes of an included file, as they are.
    mutating func append(file bytes: [UInt8], line: Int) throws(HTTPFileError)
    /// What is appended up to `endFile` stands in an included file.
    mutating func beginFile()
    mutating func endFile()
    /// Bytes so far.
    var count: Int { get }
    mutating func finish() throws(HTTPFileError) -> [UInt8]
}

extension BodySlot {
    mutating func append(file bytes: [UInt8], line: Int) throws(HTTPFileError) { try append(literal: bytes, line: line) }
    mutating func beginFile() {}
    mutating func endFile() {}
}

/// Values as they are: nothing is known of the text around them.
struct RawSlot: BodySlot {
    private var body: [UInt8] = []

    mutating func append(literal bytes: [UInt8], line: Int) { body += bytes }
    mutating func append(_ value: PlaceholderValue, line: Int) { body += value.text.utf8 }
    var count: Int { body.count }
    func finish() -> [UInt8] { body }
}

/// Values cannot end their field.
struct FormSlot: BodySlot {
    private var body: [UInt8] = []

    mutating func append(literal bytes: [UInt8], line: Int) { body += bytes }
    mutating func append(_ value: PlaceholderValue, line: Int) { body += PercentEncoding.encodeForm(value.text).utf8 }
    var count: Int { body.count }
    func finish() -> [UInt8] { body }
}
