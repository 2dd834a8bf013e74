/// Finds `::add-mask::VALUE` lines in a stream of bytes, as GitHub's runners read them: from then on VALUE is a secret.
struct MaskCommands: Sendable {
    private static let command = Array("::add-mask::".utf8)
    /// A line that begins so and is as long or longer is no command, in one piece or in many.
    private static let limit = 8 << 10

    /// The beginning of a line that may be a command.
    private var held: [UInt8] = []
    private var isAtLineStart = true

    /// - Parameters:
    ///   - add: is given the value of each command.
    ///   - show: is given what is to be masked and shown, in order: what comes before a command before its value, the rest after.
    mutating func append(_ bytes: [UInt8], add: (String) -> Void, show: ([UInt8]) -> Void) {
        // Nearly every piece has none: one look for a line that begins with a colon.
        if held.isEmpty, !mayHoldCommand(bytes) {
            if let last = bytes.last { isAtLineStart = last == UInt8(ascii: "\n") }
            return show(bytes)
        }
        var rest = (held + bytes)[...]
        held = []
        var plain: [UInt8] = []
        while !rest.isEmpty {
            let line = rest.prefix { $0 != UInt8(ascii: "\n") }
            let isComplete = line.endIndex < rest.endIndex
            let isCommand = isAtLineStart && line.count < Self.limit && line.starts(with: Self.command)
            let mayBecome = isAtLineStart && Self.command.starts(with: line) && !isComplete
            if !isComplete, mayBecome || isCommand {
                held = Array(line)
                break
            }
            if isCommand, isComplete {
                if !plain.isEmpty { show(plain) }
                plain = []
                let value = String(decoding: line.dropFirst(Self.command.count), as: UTF8.self)[...]
                add(String(value.last == "\r" ? value.dropLast() : value))
            }
            plain += rest.prefix(line.count + (isComplete ? 1 : 0))
            rest = rest.dropFirst(line.count + 1)
            isAtLineStart = isComplete
        }
        if !plain.isEmpty { show(plain) }
    }

    /// The stream is at its end: a last line without a line end counts, too.
    mutating func finish(add: (String) -> Void) -> [UInt8] {
        defer { held = [] }
        if held.starts(with: Self.command) { add(String(decoding: held.dropFirst(Self.command.count), as: UTF8.self)) }
        return held
    }

    private func mayHoldCommand(_ bytes: [UInt8]) -> Bool {
        if isAtLineStart, bytes.first == UInt8(ascii: ":") { return true }
        return bytes.withUnsafeBufferPointer { bytes in
            var index = 0
            while index + 1 < bytes.count {
                if bytes[index] == UInt8(ascii: "\n"), bytes[index + 1] == UInt8(ascii: ":") { return true }
                index += 1
            }
            return false
        }
    }
}
