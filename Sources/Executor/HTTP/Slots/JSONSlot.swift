import CloudEvents

/// Writes values into JSON: inside quotes escaped, outside as a scalar or, if the value is none, as a string.
struct JSONSlot: BodySlot {
    private var isInString = false
    private var isEscaped = false
    private var body: [UInt8] = []

    mutating func append(literal bytes: [UInt8], line: Int) {
        for byte in bytes {
            switch byte {
            case _ where isEscaped: isEscaped = false
            case UInt8(ascii: "\\") where isInString: isEscaped = true
            case UInt8(ascii: "\""): isInString.toggle()
            default: break
            }
            body.append(byte)
        }
    }

    mutating func append(_ value: PlaceholderValue, line: Int) {
        let quoted = JSON.string(value.text).serialized()
        guard isInString else {
            body += value.isContainer || Self.isScalar(value.text) ? Array(value.text.utf8) : quoted
            return
        }
        // A backslash right before the value must not escape what the value begins with: it stands for itself.
        if isEscaped { body.append(UInt8(ascii: "\\")) }
        isEscaped = false
        body += quoted.dropFirst().dropLast()
    }

    var count: Int { body.count }

    func finish() -> [UInt8] { body }

    private static func isScalar(_ text: String) -> Bool {
        switch try? JSON(parsing: text.utf8) {
        case .null, .bool, .number, .string: true
        case .array, .object, nil: false
        }
    }
}
