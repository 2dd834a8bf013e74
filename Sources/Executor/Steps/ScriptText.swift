import Basics

/// What a script's text says about how it will run.
struct ScriptText: Sendable, Hashable {
    var interpreterLine: InterpreterLine?
    /// What makes it fail in ways that are hard to understand; one sentence each.
    var oddities: [String]

    /// More than any person writes; of a longer script only the beginning is looked at.
    static let limit = 1 << 20

    init(_ bytes: [UInt8], kind: InterpreterKind) {
        interpreterLine = InterpreterLine(bytes)
        oddities = []
        // Python takes all three as they come, except for what is no UTF-8.
        if kind == .bash, zip(bytes, bytes.dropFirst()).contains(where: { $0 == (0x0D, 0x0A) }) {
            oddities.append("it has CRLF line ends, which bash takes for part of the commands")
        }
        if kind == .bash, bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            oddities.append("it begins with a byte order mark, which bash takes for part of the first command")
        }
        // The limit may have cut a character in two.
        let text = bytes.count < Self.limit ? bytes : bytes.dropLast(bytes.incompleteUTF8Count)
        if String(validating: text, as: UTF8.self) == nil { oddities.append("it is not UTF-8") }
    }
}
