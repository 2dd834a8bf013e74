import Basics
public import CloudEvents

/// An event that a person keeps in a file.
public enum EventFile {
    /// Reads one event in structured form.
    ///
    /// - Parameter path: a file, or `-` for standard input.
    /// - Throws: ``ConfigurationError`` that says what is wrong with the file or the event.
    public static func read(_ path: String) throws(ConfigurationError) -> CloudEvent {
        let bytes: [UInt8]
        do {
            bytes = try Files.read(path == "-" ? "/dev/stdin" : path, limit: 64 << 20)
        } catch {
            throw ConfigurationError("the event cannot be read: \(error)")
        }
        do {
            return try EventDecoder.decode(structured: bytes, now: .now())
        } catch {
            throw ConfigurationError("\(path == "-" ? "standard input" : path) holds no event: \(error)")
        }
    }
}
