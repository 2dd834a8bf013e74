/// How the text of an included file is written: `<@latin1 ./file`. It is sent as UTF-8.
enum HTTPTextEncoding: Sendable, Hashable {
    case utf8
    case latin1

    init?(name: String) {
        switch name.lowercased() {
        // ASCII is UTF-8 too.
        case "utf8", "utf-8", "ascii": self = .utf8
        case "latin1", "latin-1", "iso-8859-1": self = .latin1
        default: return nil
        }
    }

    /// nil for bytes that are no text in this encoding.
    func decode(_ bytes: [UInt8]) -> String? {
        switch self {
        case .utf8: return String(validating: bytes, as: UTF8.self)
        case .latin1:
            var text = String.UnicodeScalarView()
            for byte in bytes { text.append(Unicode.Scalar(byte)) }
            return String(text)
        }
    }
}
