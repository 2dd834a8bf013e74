import Basics
import Model
import Synchronization

/// What scripts say of how they run, remembered: a file of a commit never changes.
final class ScriptTexts: Sendable {
    private static let capacity = 4_096

    private let known = Mutex<[String: ScriptText]>([:])

    /// Blocks if the file was not looked at before.
    func text(of script: Script, kind: InterpreterKind) throws(FileError) -> ScriptText {
        let mayChange = !script.isOfCommit
        if !mayChange, let text = known.withLock({ $0[script.path] }) { return text }
        let text = ScriptText(try Files.readBeginning(of: script.path, count: ScriptText.limit), kind: kind)
        guard !mayChange else { return text }
        known.withLock { known in
            // Rarely: it costs a look at each file that is still in use.
            if known.count >= Self.capacity { known.removeAll() }
            known[script.path] = text
        }
        return text
    }
}
