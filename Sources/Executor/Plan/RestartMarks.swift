import Basics
import Model
import Synchronization

/// Which files say that a run that a restart interrupts can be run once more: a comment `# ges: rerun-on-restart` in a line of its
/// own among the first 4 KiB.
final class RestartMarks: Sendable {
    private static let capacity = 4_096
    private static let limit = 4_096

    private let known = Mutex<[String: Bool]>([:])

    /// nil: the file was not looked at before, or may change.
    func known(_ script: Script) -> Bool? { script.isOfCommit ? known.withLock { $0[script.path] } : nil }

    /// Blocks if the file was not looked at before.
    func has(_ script: Script) -> Bool {
        if let known = known(script) { return known }
        let beginning = (try? Files.readBeginning(of: script.path, count: Self.limit)) ?? []
        let has = Self.isMarked(beginning)
        if script.isOfCommit {
            known.withLock { known in
                if known.count >= Self.capacity { known.removeAll() }
                known[script.path] = has
            }
        }
        return has
    }

    static func isMarked(_ beginning: [UInt8]) -> Bool {
        beginning.split(separator: UInt8(ascii: "\n")).contains { line in
            let text = String(decoding: line, as: UTF8.self)[...].trimmed
            guard let comment = ["#", "//"].first(where: text.hasPrefix) else { return false }
            return text.dropFirst(comment.count).trimmed == "ges: rerun-on-restart"
        }
    }
}
