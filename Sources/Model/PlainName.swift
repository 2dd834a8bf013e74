/// A name that is safe as one part of a path and as part of a branch name: projects, stages, services and actions.
///
/// Names come from senders whom nobody checks. There is no other way from such a text to a path than through this type.
public struct PlainName: Sendable, Hashable, CustomStringConvertible {
    public let text: String

    /// - Returns: nil for a text that is empty, longer than 255 bytes, is `.`, or holds `/`, `..`, NUL or another control character.
    public init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= 255, text != "." else { return nil }
        var last: UInt8 = 0
        for byte in text.utf8 {
            guard byte >= 0x20, byte != 0x7F, byte != UInt8(ascii: "/") else { return nil }
            guard byte != UInt8(ascii: ".") || last != byte else { return nil }
            last = byte
        }
        self.text = text
    }

    public var description: String { text }
}
