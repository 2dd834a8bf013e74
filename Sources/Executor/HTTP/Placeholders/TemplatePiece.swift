/// A part of a text after its placeholders were looked up. Values are never looked into again.
enum TemplatePiece: Sendable, Hashable {
    case literal(String)
    case value(PlaceholderValue)
}

struct PlaceholderValue: Sendable, Hashable {
    /// As it was written: `$PROJECT`, `${data.project}`. For messages, which must not show the value.
    var name: String
    var text: String
    /// The text is an object or a list of the event, written as JSON.
    var isContainer = false

    var hasControlCharacter: Bool { text.utf8.contains { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7F } }
}

extension [TemplatePiece] {
    /// The text with its values as they are.
    var plainText: String {
        reduce(into: "") { text, piece in
            switch piece {
            case .literal(let literal): text += literal
            case .value(let value): text += value.text
            }
        }
    }
}
