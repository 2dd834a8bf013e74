/// A part of a text after its placeholders were looked up. Values are never looked into again.
enum TemplatePiece: Sendable, Hashable {
    case literal(String)
    case value(PlaceholderValue)

    var isLiteral: Bool { if case .literal = self { true } else { false } }
}

struct PlaceholderValue: Sendable, Hashable {
    /// As it was written: `$PROJECT`, `${data.project}`. For messages, which must not show the value.
    var name: String
    var text: String
    /// The text is an object or a list of the event or of a response, written as JSON.
    var isContainer = false
    /// Of a variable of the file, what it is made of: what the file's author wrote, and the values in it. nil for other values.
    var parts: [TemplatePiece]?

    /// What it counts for where sizes are limited, in bytes: parts take memory even where they are empty.
    var weight: Int { max(text.utf8.count, (parts?.count ?? 0) * 64) }

    var hasControlCharacter: Bool { text.utf8.contains { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7F } }
}

extension [TemplatePiece] {
    /// The same with variables of the file taken apart, for places whose rules depend on who wrote a text: what the author wrote
    /// in a variable counts as written in its place, and a value in it is a value.
    var expanded: [TemplatePiece] {
        flatMap { piece in
            if case .value(let value) = piece, let parts = value.parts { parts } else { [piece] }
        }
    }

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
