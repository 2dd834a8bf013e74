extension JSON {
    /// The value as compact UTF-8: members in their order, numbers as they were written.
    public func serialized() -> [UInt8] {
        var writer = JSONWriter(indentation: nil)
        writer.write(self)
        return writer.bytes
    }

    /// The value as compact text.
    public var text: String { String(decoding: serialized(), as: UTF8.self) }

    /// The value for people: a line a member, two spaces a level.
    public var prettyText: String {
        var writer = JSONWriter(indentation: 2)
        writer.write(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

private struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    /// Spaces a level; nil for everything on one line.
    let indentation: Int?
    private var depth = 0

    init(indentation: Int?) { self.indentation = indentation }

    mutating func write(_ value: JSON) {
        switch value {
        case .null: append("null")
        case .bool(let value): append(value ? "true" : "false")
        case .number(let value): append(value.text)
        case .string(let value): write(value)
        case .array(let elements):
            writeList("[", elements, "]") { writer, element in writer.write(element) }
        case .object(let object):
            writeList("{", object, "}") { writer, member in
                writer.write(member.key)
                writer.append(writer.indentation == nil ? ":" : ": ")
                writer.write(member.value)
            }
        }
    }

    private mutating func writeList<Items: Sequence>(
        _ opening: String,
        _ items: Items,
        _ closing: String,
        writeItem: (inout JSONWriter, Items.Element) -> Void
    ) {
        append(opening)
        depth += 1
        var isEmpty = true
        for item in items {
            if !isEmpty { append(",") }
            isEmpty = false
            breakLine()
            writeItem(&self, item)
        }
        depth -= 1
        if !isEmpty { breakLine() }
        append(closing)
    }

    private mutating func write(_ string: String) {
        append("\"")
        var string = string
        string.withUTF8 { utf8 in
            var start = 0
            for (position, byte) in utf8.enumerated() {
                guard let escape = Self.escape(byte) else { continue }
                bytes.append(contentsOf: utf8[start..<position])
                append(escape)
                start = position + 1
            }
            bytes.append(contentsOf: utf8[start...])
        }
        append("\"")
    }

    /// How a byte is written that must not stand in a string as it is.
    private static func escape(_ byte: UInt8) -> String? {
        switch byte {
        case UInt8(ascii: "\""): "\\\""
        case UInt8(ascii: "\\"): "\\\\"
        case 0x20...: nil
        case UInt8(ascii: "\n"): "\\n"
        case UInt8(ascii: "\r"): "\\r"
        case UInt8(ascii: "\t"): "\\t"
        default: "\\u00" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16)
        }
    }

    private mutating func breakLine() {
        guard let indentation else { return }
        append("\n")
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: depth * indentation))
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }
}
