import Basics
import Glibc
import Server

/// Ends a command with one sentence on standard error.
struct CommandError: Error, CustomStringConvertible {
    let status: ExitStatus
    let description: String

    init(_ status: ExitStatus, _ description: String) {
        self.status = status
        self.description = description
    }

    static func write(_ sentence: String) {
        let line = sentence.hasPrefix("Error: ") ? sentence : "error: \(sentence)"
        try? Files.write(Array("\(line)\n".utf8), to: STDERR_FILENO)
    }
}
